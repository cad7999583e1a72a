export default {
  'ways.label': 'Main pages', 'ways.code': 'My code', 'ways.stations': 'Stations', 'ways.benefits': 'Benefits', 'ways.school': 'School', 'ways.me': 'Me',
  'code.title': 'My code', 'code.picture': 'Your QR code: hold it to the reader', 'code.renews': 'New in {n} s',
  'code.use': 'Doors, checkups, coupons and classes all take this code.',
  'code.offline': 'No network now. Your code goes on until {time}.', 'code.open': 'Scan a door’s code', 'code.card': 'No phone? Print a card',
  'signin.title': 'Sign in', 'signin.text': 'With the phone number your union knows; no password.', 'signin.phone': 'Phone number',
  'signin.phone.hint': 'We send you a code of six digits', 'signin.send': 'Send me a code',
  'signin.sent': 'A code is on its way to {phone}, if a member has that number.', 'signin.code': 'Six digits', 'signin.other': 'Another number',
  'signin.again_in': 'Another code in {n} s', 'signin.again': 'Send another code', 'signin.join': 'Not a member yet? Join by a code',
  'signin.end': 'Last four of the national id', 'signin.end.hint': 'More than one member has this number',
};
