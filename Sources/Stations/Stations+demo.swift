import Postgres
package import Registry
package import Runtime

extension Stations {
    /// A demo station: what it is called and what it is.
    private struct DemoStation {
        let nameZh: String
        let nameEn: String
        let address: String
        let kind: StationKind
        let capacity: Int32
        /// Degrees north and east: in the town, at no real station.
        let place: (latitude: Double, longitude: Double)
        var hasMothersRoom = false
        /// Smart stations have a back room with hours of its own.
        var hasReadingRoom: Bool { kind == .smart }

        /// What every stop has, and what the larger ones have beside it.
        var amenities: [Amenity] {
            [.water, .microwave, .charging, .restSeats, .firstAid]
                + (capacity >= 25 ? [.heating, .cooling, .toilet, .wifi] : [.umbrella])
                + (hasReadingRoom ? [.readingCorner, .coldLocker, .television] : []) + (hasMothersRoom ? [.mothersRoom] : [])
                + (kind == .dayLabourMarket ? [.printing] : [])
        }

        func draft(of organization: ID<Organization>) -> StationDraft {
            var draft = StationDraft(
                organizationId: organization, nameZh: nameZh, nameEn: nameEn, address: address, kind: kind, capacity: capacity)
            (draft.latitude, draft.longitude) = place
            draft.amenities = amenities
            return draft
        }
    }

    /// Which of the demo's cities.
    package enum DemoCity: Sendable, CaseIterable {
        /// Debao's nine stations (德保): two of them smart, one combined with a day-labour market.
        case debao
        /// Rencheng's five (任城), open round the clock, two of them with a mothers' room.
        case rencheng
    }

    /// The names are made up.
    private static let rencheng = [
        DemoStation(
            nameZh: "任城区职工服务驿站", nameEn: "Rencheng Workers' Service Station", address: "古槐路", kind: .smart, capacity: 50,
            place: (35.4079, 116.5866),
            hasMothersRoom: true),
        DemoStation(
            nameZh: "运河驿站", nameEn: "Grand Canal Stop", address: "运河路", kind: .plain, capacity: 30, place: (35.3987, 116.5893),
            hasMothersRoom: true),
        DemoStation(nameZh: "太白楼驿站", nameEn: "Taibai Tower Stop", address: "太白楼路", kind: .plain, capacity: 25, place: (35.4052, 116.5812)),
        DemoStation(nameZh: "南池驿站", nameEn: "South Pond Stop", address: "环城南路", kind: .plain, capacity: 20, place: (35.3951, 116.5801)),
        DemoStation(
            nameZh: "火车站驿站", nameEn: "Railway Station Stop", address: "济安桥路", kind: .plain, capacity: 40, place: (35.3893, 116.5712)),
    ]

    /// The names are made up.
    private static let debao = [
        DemoStation(
            nameZh: "德保县总工会智慧驿站", nameEn: "Debao Federation Smart Station", address: "城关镇南隆街", kind: .smart, capacity: 40,
            place: (23.3263, 106.6152)),
        DemoStation(
            nameZh: "鉴河智慧驿站", nameEn: "Jianhe Riverside Smart Station", address: "城关镇鉴河路", kind: .smart, capacity: 30,
            place: (23.3301, 106.6187)),
        DemoStation(
            nameZh: "零工市场驿站", nameEn: "Day-Labour Market Station", address: "城关镇东安街", kind: .dayLabourMarket, capacity: 60,
            place: (23.3235, 106.6211)),
        DemoStation(
            nameZh: "汽车站驿站", nameEn: "Coach Station Stop", address: "城关镇站前路", kind: .plain, capacity: 20, place: (23.3192, 106.6098)),
        DemoStation(
            nameZh: "红枫广场驿站", nameEn: "Red Maple Square Stop", address: "城关镇红枫大道", kind: .plain, capacity: 20, place: (23.3342, 106.6131)),
        DemoStation(
            nameZh: "快递园驿站", nameEn: "Courier Park Stop", address: "工业园区物流路", kind: .plain, capacity: 25, place: (23.3151, 106.6253)),
        DemoStation(nameZh: "足荣镇驿站", nameEn: "Zurong Town Stop", address: "足荣镇新街", kind: .plain, capacity: 15, place: (23.3672, 106.5521)),
        DemoStation(
            nameZh: "隆桑镇驿站", nameEn: "Longsang Town Stop", address: "隆桑镇中心街", kind: .plain, capacity: 15, place: (23.4478, 106.6392)),
        DemoStation(nameZh: "马隘镇驿站", nameEn: "Ma'ai Town Stop", address: "马隘镇正街", kind: .plain, capacity: 15, place: (23.4087, 106.7203)),
    ]

    /// The demo's stations, each with a door that is open round the clock; the smart ones with a reading room from 7 to 22 as well, some
    /// with a mothers' room that opens for women only.
    ///
    /// Made in one transaction when the organization has none; otherwise those it has are given.
    package func ensureDemo(
        of organization: ID<Organization>, city: DemoCity = .debao
    ) async throws -> [(station: Station, accessPoints: [AccessPoint])] {
        let wanted =
            switch city {
            case .debao: Self.debao
            case .rencheng: Self.rencheng
            }
        if try await stations.list(organization: organization, after: nil, limit: 1).isEmpty {
            try await database.transaction { (transaction) async throws(StationError) in
                for demo in wanted {
                    let station = try await stations.create(demo.draft(of: organization), in: transaction)
                    _ = try await accessPoints.create(
                        AccessPointDraft(name: "大门"), station: station.id, in: transaction)
                    if demo.hasReadingRoom {
                        let policy = AccessPolicy(opening: OpeningHours(hours: WeekdayHours.daily(.at(7), .at(22)), exceptions: []))
                        _ = try await accessPoints.create(
                            AccessPointDraft(name: "阅览室", policy: policy), station: station.id, in: transaction)
                    }
                    if demo.hasMothersRoom {
                        let policy = AccessPolicy(attributes: [AttributeRule(.sex, oneOf: ["female"])])
                        _ = try await accessPoints.create(
                            AccessPointDraft(name: "母婴室", policy: policy), station: station.id, in: transaction)
                    }
                }
            }
        }
        var all: [(station: Station, accessPoints: [AccessPoint])] = []
        for station in try await stations.list(organization: organization, after: nil, limit: 1_000) {
            all.append((station, try await accessPoints.list(station: station.id, after: nil, limit: 1_000)))
        }
        return all
    }
}
