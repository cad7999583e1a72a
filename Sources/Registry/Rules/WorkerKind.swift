/// What work a member does (工种); the new-form workers (新就业形态劳动者) come first.
package enum WorkerKind: String, Catalogue {
    case courier
    case foodRider = "food_rider"
    case rideHailingDriver = "ride_hailing_driver"
    case truckDriver = "truck_driver"
    case housekeeper
    case onlineMarketer = "online_marketer"
    case sanitationWorker = "sanitation_worker"
    case factoryWorker = "factory_worker"
    case other

    package var chineseNames: [String] {
        switch self {
        case .courier: ["快递员", "快递小哥"]
        case .foodRider: ["外卖骑手", "外卖员", "外卖配送员", "网约配送员"]
        case .rideHailingDriver: ["网约车司机"]
        case .truckDriver: ["货车司机", "卡车司机"]
        case .housekeeper: ["家政服务员", "家政"]
        case .onlineMarketer: ["互联网营销师", "网络主播"]
        case .sanitationWorker: ["环卫工人", "环卫工"]
        case .factoryWorker: ["工厂职工", "产业工人", "工人"]
        case .other: ["其他", "其它"]
        }
    }

    static let byName = names()
}
