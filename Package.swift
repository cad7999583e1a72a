// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

/// A target of the house. The lists below are the arrows of the architecture: nothing imports what it does not name.
func room(_ name: String, _ dependencies: [String]) -> Target {
    .target(name: name, dependencies: dependencies.map { .byName(name: $0) }, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [String]) -> Target {
    .testTarget(name: name + "Tests", dependencies: ([name] + dependencies).map { .byName(name: $0) }, swiftSettings: strict)
}

/// The executable: the only place that knows all of the house.
func house(_ name: String, _ folder: String) -> Target {
    let rooms = [
        "Allocation", "AllocationFiles", "Checkups", "Controller", "Coupons", "Crypto", "HTTP", "Insurance", "MemberCode", "NightSchool",
        "Pages", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "Stations",
    ]
    return .executableTarget(
        name: name, dependencies: rooms.map { .byName(name: $0) }, path: "Sources/" + folder, swiftSettings: strict)
}

let package = Package(
    name: "Waystation",
    products: [
        .executable(name: "waystation", targets: ["waystation"]),
        .executable(name: "waystation-door", targets: ["waystation-door"]),
        .executable(name: "waystation-bench", targets: ["waystation-bench"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "COpenSSLTLS", pkgConfig: "libssl"),

        .executableTarget(name: "EmbedSQLTool", swiftSettings: strict),
        .plugin(name: "EmbedSQL", capability: .buildTool(), dependencies: ["EmbedSQLTool"], path: "Sources/EmbedSQL"),
        .target(name: "SQLFiles", swiftSettings: strict, plugins: ["EmbedSQL"]),

        .executableTarget(name: "EmbedPagesTool", swiftSettings: strict),
        .plugin(name: "EmbedPages", capability: .buildTool(), dependencies: ["EmbedPagesTool"], path: "Sources/EmbedPages"),
        .target(name: "Pages", dependencies: ["Crypto", "HTTP"], exclude: ["web"], swiftSettings: strict, plugins: ["EmbedPages"]),

        room("Runtime", ["CLinux"]),
        room("Crypto", ["COpenSSL"]),
        room("MemberCode", ["Crypto"]),
        room("Allocation", ["Crypto"]),
        room("AllocationFiles", ["Allocation", "Crypto", "Runtime"]),
        room("Postgres", ["CLibPQ", "CLinux", "Crypto", "Runtime", "SQLFiles"]),
        room("HTTP", ["CLinux", "Runtime"]),
        room("HTTPClient", ["CLinux", "COpenSSLTLS", "Runtime"]),
        room("Scheduler", ["Crypto", "Postgres", "Runtime"]),
        room("Registry", ["Crypto", "HTTP", "HTTPClient", "MemberCode", "Postgres", "Runtime", "Scheduler"]),
        room("Stations", ["Crypto", "HTTP", "MemberCode", "Postgres", "Registry", "Runtime", "Scheduler"]),
        room(
            "Programs",
            ["Allocation", "AllocationFiles", "Crypto", "HTTP", "Postgres", "Registry", "Runtime", "Scheduler"]),
        room("Checkups", ["Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler"]),
        room(
            "Coupons",
            ["Allocation", "Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler"]),
        room("Insurance", ["Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler"]),
        room("NightSchool", ["Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler"]),
        room("Controller", ["CLinux", "Crypto", "HTTPClient", "MemberCode", "Runtime"]),
        .executableTarget(
            name: "waystation-door", dependencies: ["Controller", "Runtime"], path: "Sources/Door", swiftSettings: strict),
        house("waystation", "Waystation"),
        .executableTarget(
            name: "waystation-bench",
            dependencies: [
                "Allocation", "AllocationFiles", "Browser", "Coupons", "Crypto", "HTTP", "Insurance", "MemberCode", "NightSchool",
                "Postgres",
                "Programs", "Registry", "Runtime", "Scheduler", "Stations",
            ],
            path: "Sources/Bench", swiftSettings: strict),
        room("Browser", ["CLinux", "HTTPClient", "Runtime"]),
        room("TestSupport", ["Postgres", "Runtime", "SQLFiles"]),

        tests("Runtime", ["TestSupport"]),
        tests("Crypto", ["Runtime", "TestSupport"]),
        tests("MemberCode", ["Crypto", "Runtime", "TestSupport"]),
        tests("Allocation", ["Crypto", "Runtime", "TestSupport"]),
        tests("AllocationFiles", ["Allocation", "Crypto", "Runtime", "TestSupport"]),
        tests("Postgres", ["Runtime", "SQLFiles", "TestSupport"]),
        tests("HTTP", ["Runtime", "TestSupport"]),
        tests("HTTPClient", ["HTTP", "Runtime", "TestSupport"]),
        tests("Scheduler", ["Postgres", "Runtime", "TestSupport"]),
        tests("Registry", ["Crypto", "HTTP", "Postgres", "Runtime", "Scheduler", "TestSupport"]),
        .testTarget(
            name: "WaystationTests",
            dependencies: [
                "waystation", "waystation-bench", "waystation-door", "Browser", "Checkups", "Coupons", "Crypto", "HTTP", "Insurance",
                "NightSchool",
                "Pages", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "Stations", "TestSupport",
            ],
            swiftSettings: strict),
        tests("Stations", ["Crypto", "HTTP", "MemberCode", "Postgres", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests(
            "Programs",
            ["Allocation", "AllocationFiles", "Crypto", "HTTP", "Postgres", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests(
            "Checkups",
            ["Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests(
            "Coupons",
            ["Allocation", "Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests("Insurance", ["Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests(
            "NightSchool",
            ["AllocationFiles", "Crypto", "HTTP", "MemberCode", "Postgres", "Programs", "Registry", "Runtime", "Scheduler", "TestSupport"]),
        tests("Pages", ["Browser", "Crypto", "HTTP", "Runtime", "TestSupport"]),
        tests("Browser", ["HTTP", "MemberCode", "Runtime", "TestSupport"]),
        tests("Controller", ["Crypto", "MemberCode", "Runtime", "TestSupport"]),
    ]
)
