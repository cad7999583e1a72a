export default {
  'ways.label': 'Main pages', 'ways.menu': 'Menu', 'ways.people': 'People', 'ways.services': 'Services', 'ways.house': 'The house',
  'home.title': 'Today', 'board.title': 'Live board', 'members.title': 'Members', 'member.title': 'A member',
  'applications.title': 'Applications', 'transfers.title': 'Transfers', 'duplicates.title': 'Duplicates', 'imports.title': 'Imports',
  'organizations.title': 'Organizations', 'organization.title': 'An organization', 'stations.title': 'Stations',
  'station.title': 'A station', 'visitors.title': 'Visitors', 'alarms.title': 'Alarms', 'devices.title': 'Devices',
  'accounts.title': 'Accounts', 'jobs.title': 'Jobs', 'audit.title': 'Audit',
  'signin.title': 'Sign in to the desk', 'signin.name': 'Account', 'signin.password': 'Password', 'signin.invited': 'I was invited',
  'signin.known': 'I have an account', 'signin.accept': 'Accept', 'signin.invitation': 'Invitation code',
  'signin.new_password': 'A password of your own', 'signin.password.hint': '8 characters at least',
};
