package import Crypto
package import Postgres

/// Seals and opens what identifies a person, and makes the keyed values by which a person is found and a change is seen.
///
/// Cheap to copy; whoever seals many thousands makes one for itself, because a sealer is locked while it works.
package struct PersonalDataVault: Sendable {
    /// A person ready for the database.
    struct Sealed: Sendable {
        /// Nil when the person had a key already.
        let newWrappedKey: [UInt8]?
        let name: [UInt8]
        let nationalID: [UInt8]
        let phone: [UInt8]?
    }

    private static let keyColumn = SealedColumn(table: "member_data_key", column: "wrapped_key")
    private static let nameColumn = SealedColumn(table: "member_personal_data", column: "name")
    private static let nationalIDColumn = SealedColumn(table: "member_personal_data", column: "national_id")
    private static let phoneColumn = SealedColumn(table: "member_personal_data", column: "phone")

    private let sealer: Sealer
    private let nationalIDIndex: BlindIndex
    private let phoneIndex: BlindIndex
    private let nameBirthIndex: BlindIndex
    private let digestKey: HMACKey

    package init(_ keys: Keys) {
        sealer = Sealer(keys)
        nationalIDIndex = BlindIndex(secret: keys.blindIndexSecret, field: "member.national_id")
        phoneIndex = BlindIndex(secret: keys.blindIndexSecret, field: "member.phone")
        nameBirthIndex = BlindIndex(secret: keys.blindIndexSecret, field: "member.name_birth")
        digestKey = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation personal digest".utf8), count: 32))
    }

    /// The key of the directory of national ids.
    package func index(of nationalID: NationalID) -> [UInt8] { nationalIDIndex(nationalID.text) }

    /// The key of the index of phones.
    package func index(of phone: PhoneNumber) -> [UInt8] { phoneIndex(phone.text) }

    /// The key of the index of names, each together with its birth date: a name alone says little in a country of Wangs and Lis.
    package func index(of name: PersonName, birthOn: CalendarDate) -> [UInt8] { nameBirthIndex("\(name.text)\n\(birthOn)") }

    func nameIndex(of person: PersonalData) -> [UInt8] { index(of: person.name, birthOn: person.nationalID.birthOn) }

    /// 16 bytes that differ when anything of the person differs.
    func digest(of person: PersonalData) -> [UInt8] {
        // A name holds no line feed, so the parts cannot run into each other.
        let text = "\(person.name.text)\n\(person.nationalID.text)\n\(person.phone?.text ?? "")"
        return Array(digestKey.authenticate(text.utf8.span.bytes).prefix(16))
    }

    /// - Parameter wrappedKey: the person's key as the database has it; nil for a new person.
    func seal(_ person: PersonalData, memberID: Int64, wrappedKey: [UInt8]?) throws(CryptoError) -> Sealed {
        let key: DataKey
        var newWrappedKey: [UInt8]?
        if let wrappedKey {
            key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        } else {
            key = sealer.newDataKey()
            newWrappedKey = sealer.wrap(key, in: Self.keyColumn, row: memberID)
        }
        return Sealed(
            newWrappedKey: newWrappedKey,
            name: sealer.seal(person.name.text, with: key, in: Self.nameColumn, row: memberID),
            nationalID: sealer.seal(person.nationalID.text, with: key, in: Self.nationalIDColumn, row: memberID),
            phone: person.phone.map { sealer.seal($0.text, with: key, in: Self.phoneColumn, row: memberID) })
    }

    private static let wantedPhoneColumn = SealedColumn(table: "member_application", column: "wanted_phone")

    /// A phone that is to be the person's, once that is decided.
    func seal(wanted phone: PhoneNumber, memberID: Int64, wrappedKey: [UInt8]) throws(CryptoError) -> [UInt8] {
        let key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        return sealer.seal(phone.text, with: key, in: Self.wantedPhoneColumn, row: memberID)
    }

    func open(wanted sealed: [UInt8], memberID: Int64, wrappedKey: [UInt8]) throws(CryptoError) -> PhoneNumber? {
        let key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        let text = try sealer.openText(sealed, with: key, in: Self.wantedPhoneColumn, row: memberID)
        do throws(MemberFault) { return try PhoneNumber(text) } catch { return nil }
    }

    /// A text of another feature's column, by the person's key.
    func seal(_ text: String, in column: SealedColumn, row: Int64, memberID: Int64, wrappedKey: [UInt8]) throws(CryptoError) -> [UInt8] {
        let key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        return sealer.seal(text, with: key, in: column, row: row)
    }

    func open(_ sealed: [UInt8], in column: SealedColumn, row: Int64, memberID: Int64, wrappedKey: [UInt8]) throws(CryptoError) -> String {
        let key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        return try sealer.openText(sealed, with: key, in: column, row: row)
    }

    /// A person's key under the current master key, whichever it was wrapped under.
    func rewrap(_ wrappedKey: [UInt8], memberID: Int64) throws(CryptoError) -> [UInt8] {
        sealer.wrap(try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID), in: Self.keyColumn, row: memberID)
    }

    /// The person behind what the database has.
    func open(
        wrappedKey: [UInt8], name: [UInt8], nationalID: [UInt8], phone: [UInt8]?, memberID: Int64
    ) throws(CryptoError) -> PersonalData {
        let key = try sealer.unwrap(wrappedKey, in: Self.keyColumn, row: memberID)
        let nameText = try sealer.openText(name, with: key, in: Self.nameColumn, row: memberID)
        let nationalIDText = try sealer.openText(nationalID, with: key, in: Self.nationalIDColumn, row: memberID)
        var phoneText: String?
        if let phone { phoneText = try sealer.openText(phone, with: key, in: Self.phoneColumn, row: memberID) }
        do throws(MemberFault) {
            return PersonalData(
                name: try PersonName(nameText), nationalID: try NationalID(nationalIDText),
                phone: try phoneText.map { text throws(MemberFault) in try PhoneNumber(text) })
        } catch {
            // Sealed by a rule that has become stricter since.
            throw .malformed(error.code)
        }
    }
}
