export default {
  'ways.label': '主要页面', 'ways.menu': '菜单', 'ways.people': '会员与组织', 'ways.services': '服务', 'ways.house': '系统',
  'home.title': '今天', 'board.title': '驿站看板', 'members.title': '会员', 'member.title': '会员', 'applications.title': '入会申请',
  'transfers.title': '转会', 'duplicates.title': '重复档案', 'imports.title': '导入', 'organizations.title': '组织',
  'organization.title': '组织', 'stations.title': '驿站', 'station.title': '驿站', 'visitors.title': '客流', 'alarms.title': '告警',
  'devices.title': '设备', 'accounts.title': '工作人员', 'jobs.title': '后台任务', 'audit.title': '审计',
  'signin.title': '工作台登录', 'signin.name': '账号', 'signin.password': '密码', 'signin.invited': '我有邀请码', 'signin.known': '我已有账号',
  'signin.accept': '接受邀请', 'signin.invitation': '邀请码', 'signin.new_password': '设置密码', 'signin.password.hint': '至少 8 个字符',
};
