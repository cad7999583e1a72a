export default {
  'ways.label': 'Main pages', 'ways.code': 'My code', 'ways.stations': 'Stations', 'ways.benefits': 'Benefits', 'ways.school': 'School',
  'ways.me': 'Me', 'signin.title': 'Sign in', 'signin.text': 'With the phone number your union knows; no password.',
  'signin.phone': 'Phone number', 'signin.phone.hint': 'We send you a code of six digits', 'signin.send': 'Send me a code',
  'signin.sent': 'A code is on its way to {phone}, if a member has that number.', 'signin.code': 'Six digits',
  'signin.other': 'Another number', 'signin.again_in': 'Another code in {n} s', 'signin.again': 'Send another code',
  'signin.join': 'Not a member yet? Join by a code', 'signin.end': 'Last four of the national id',
  'signin.end.hint': 'More than one member has this number', 'signin.application': 'How my application stands',
};
