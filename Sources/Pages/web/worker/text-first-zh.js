export default {
  'ways.label': '主要页面', 'ways.code': '我的码', 'ways.stations': '驿站', 'ways.benefits': '福利', 'ways.school': '夜校', 'ways.me': '我的',
  'signin.title': '登录', 'signin.text': '用您在工会登记的手机号登录，不需要密码。', 'signin.phone': '手机号', 'signin.phone.hint': '我们会发一条六位数验证码',
  'signin.send': '获取验证码', 'signin.sent': '验证码已发到 {phone}（如果这个号码登记过）。', 'signin.code': '六位验证码', 'signin.other': '换个号码',
  'signin.again_in': '{n} 秒后可以重新获取', 'signin.again': '重新获取验证码', 'signin.join': '还不是会员？扫码入会', 'signin.end': '身份证号后四位',
  'signin.end.hint': '这个号码登记了不止一位会员', 'signin.application': '看我的入会申请',
};
