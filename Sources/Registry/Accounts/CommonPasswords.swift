/// The passwords that lists of leaked ones name first, here and elsewhere, of eight characters and more, in small letters.
enum CommonPasswords {
    static let all = Set(
        """
        1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz@wsx 1qazxsw2 qwertyui qwertyuiop qwer1234 qwer123456 asdfghjk asdfghjkl asdf1234 zxcvbnm123
        zxcvbnm1 zxcvbnm, 1234qwer 12345qwert 123456qq 123456aa 123456abc 12345678a 123456789a 123456789q 1234567890a 123qwe123 123qweasd
        123123123 123321123 12341234 11223344 1122334455 12121212 12344321 123454321 11112222 12301230 13141314 13145200 13145201 13145210
        131452000 1314520520 1314521a 14725836 147258369 147852369 15926378 20082008 5201314520 52013141 52013145 520131400 52013141314
        55555555 66668888 77778888 78787878 78963214 789456123 87878787 88886666 88888888 9876543210 98989898 99998888
        a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aa123456789 aaa123456 abc12345 abc123456 abc123456789 abcd1234 abcd123456
        abcd12345 asd123456 asdasd123 as123456 aini1314 aiwoma1314 baobao123 beijing2008 caonima1 caonima123 computer1 dearbook
        dragon123 football1 iloveyou iloveyou1 iloveyou2 internet jordan23 letmein1 letmein123 monkey123 p@ssw0rd p@ssword pa$$word
        passw0rd password password1 password123 princess princess1 qazwsxedc qq123456 qq123456789 qq5201314 q1w2e3r4 q1w2e3r4t5
        qweasdzxc qwe123456 qwe12345 qwer4321 qwerty12 qwerty123 qwerty1234 qwerty12345 starwars sunshine superman trustno1 w123456789
        waystation welcome1 welcome123 whatever woaini123 woaini1314 woaini520 woaini521 woaini5201314 wodeshijie wojiushiwo wobuzhidao
        woshishui woaiwojia xiaoming xiazhili zaq12wsx zaq1zaq1 zhang123 zhangwei zhongguo zz123456 admin123 admin1234 admin888
        administrator changeme changeme1 default1 manager1 operator guest1234 root1234 test1234 user1234 gonghui1 gonghui123 yizhan123
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Words that stay common whatever figures and signs follow.
    static let stems: Set<String> = [
        "abc", "abcd", "admin", "administrator", "asd", "asdf", "gonghui", "iloveyou", "letmein", "manager", "operator",
        "p@ssw0rd", "password", "passw0rd", "qwe", "qwer", "qwerty", "root", "test", "user", "waystation", "welcome", "woaini", "yizhan",
    ]
}
