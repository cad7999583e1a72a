package import HTTP
package import Registry
package import Runtime

/// What is examined (体检套餐).
package struct CheckupPackage: Codable, Sendable, APIType {
    package let id: ID<CheckupPackage>
    package let name: String
    package let items: [String]
    package let valueFen: Int32
    package let addOns: [AddOn]

    /// Items besides, for one kind of worker.
    package struct AddOn: Codable, Hashable, Sendable {
        package var workerKind: WorkerKind
        package var items: [String]

        package init(workerKind: WorkerKind, items: [String]) {
            self.workerKind = workerKind
            self.items = items
        }

        static let schema = Schema.object(
            "CheckupAddOn", "Items besides, for one kind of worker",
            [
                .required("workerKind", .oneOf(WorkerKind.allCases.map(\.rawValue))),
                .required("items", .array(of: item, 1...50)),
            ])
    }

    static let item = Schema.string(1...60)

    package static let schema = Schema.object(
        "CheckupPackage", "What is examined",
        [
            .required("id", .id),
            .required("name", .string(1...100)),
            .required("items", .array(of: item, 1...100)),
            .required("valueFen", .integer(0...10_000_000), "Its worth; 100 fen are a yuan"),
            .required("addOns", .array(of: AddOn.schema, 0...WorkerKind.allCases.count)),
        ])
}

/// A package to be made.
package struct CheckupPackageBody: Codable, Sendable, APIType {
    package var name: String
    package var items: [String]
    package var valueFen: Int32
    package var addOns: [CheckupPackage.AddOn]?

    package init(name: String, items: [String], valueFen: Int32, addOns: [CheckupPackage.AddOn]? = nil) {
        self.name = name
        self.items = items
        self.valueFen = valueFen
        self.addOns = addOns
    }

    package static let schema = Schema.object(
        "CheckupPackageBody", "A package to be made",
        [
            .required("name", .string(1...100), "The campaign's own"),
            .required("items", .array(of: CheckupPackage.item, 1...100)),
            .required("valueFen", .integer(0...10_000_000), "Its worth; 100 fen are a yuan"),
            .optional("addOns", .array(of: CheckupPackage.AddOn.schema, 0...WorkerKind.allCases.count), "One for each kind at most"),
        ])
}

/// All packages of a campaign.
package struct CheckupPackageList: Codable, Sendable, APIType {
    package let items: [CheckupPackage]

    package static let schema = Schema.object(
        "CheckupPackageList", "A campaign's packages", [.required("items", [CheckupPackage].schema)])
}

/// A package as one person has it.
package struct OwnCheckupPackage: Codable, Sendable {
    package let name: String
    package let items: [String]
    /// For the person's kind of work.
    package let addOnItems: [String]
    package let valueFen: Int32

    static let schema = Schema.object(
        "OwnCheckupPackage", "A package as one person has it",
        [
            .required("name", .string(1...100)),
            .required("items", .array(of: CheckupPackage.item, 1...100)),
            .required("addOnItems", .array(of: CheckupPackage.item, 0...50), "For the person's kind of work"),
            .required("valueFen", .integer(0...10_000_000)),
        ])
}
