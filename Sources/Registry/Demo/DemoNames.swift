/// Made-up names from common surnames and given names.
enum DemoNames {
    private static let surnames = Array(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    ).map(String.init)
    private static let men = Array("伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帅龙建国志文东海峰松林亮").map(String.init)
    private static let women = Array("芳娜敏静丽艳娟霞秀英玲桂燕红梅琳雪倩颖洁婷慧莹萍蓉琴云莲真环爱妹兰凤").map(String.init)

    /// The same name for the same number.
    static func name(_ random: UInt64, _ sex: Sex) -> String {
        let given = sex == .male ? men : women
        let surname = surnames[Int(random >> 3 & 0x3FFF) % surnames.count]
        let first = given[Int(random >> 17 & 0x3FFF) % given.count]
        guard random & 3 != 0 else { return surname + first }
        return surname + first + given[Int(random >> 31 & 0x3FFF) % given.count]
    }
}
