import FoundationEssentials
import Postgres
import Runtime

/// What the demo's term is made of, as an organizer would send it. Pure.
struct DemoSchoolPlan: Sendable {
    struct Room: Encodable, Sendable {
        let site: String
        let name: String
        let address: String
        let seats: Int
    }

    struct Pattern: Encodable, Sendable {
        let weekdays: [Int]
        let from: String
        let to: String
        let count: Int
    }

    struct Class: Encodable, Sendable {
        let label: String
        let kind: String
        let teacherId: Int64
        let roomId: Int64?
        let link: String?
        let capacity: Int
        let enrolmentMode: String
        let opensAt: String
        let closesAt: String
        let pattern: Pattern
    }

    struct Course: Encodable, Sendable {
        let category: String
        let title: String
        let classes: [Class]
    }

    struct Catalogue: Encodable, Sendable {
        let courses: [Course]
        let publish: Bool
    }

    /// Days since 1970, in China.
    let today: Int
    let nowMicroseconds: Int64

    static let courseCount = 108
    static let roomCount = 16
    static let teacherCount = 22

    private static let levels = ["零基础", "进阶", "周末", "提高"]
    private static let subjects: [(title: String, category: String)] = [
        ("书法", "culture"), ("国画", "culture"), ("吉他", "culture"), ("合唱", "culture"), ("粤剧", "culture"), ("摄影", "culture"),
        ("茶艺", "life"), ("咖啡拉花", "life"), ("广式点心", "life"), ("插花", "life"), ("手机视频", "life"), ("收纳整理", "life"),
        ("家庭理财", "life"), ("八段锦", "health"), ("瑜伽", "health"), ("街舞", "health"), ("中医推拿", "health"), ("羽毛球", "health"),
        ("急救", "health"), ("电工", "skills"), ("无人机", "skills"), ("短视频运营", "skills"), ("英语口语", "skills"), ("办公软件", "skills"),
        ("人工智能", "skills"), ("新能源汽车维修", "skills"), ("直播带货", "skills"),
    ]

    static let teacherNames = (1...teacherCount).map { "\(["陈", "林", "黄", "吴", "郑", "梁"][$0 % 6])老师（\($0)）" }

    private func day(_ days: Int) -> String { CalendarDate(daysSince1970: today + days).description }

    private func time(_ hours: Double) -> String {
        Timestamp(microseconds: nowMicroseconds + Int64(hours * 3_600_000_000)).description
    }

    var firstDay: String { day(10) }
    var lastDay: String { day(150) }
    var officeFrom: String { day(-30) }

    var rooms: [Room] {
        let sites = ["福田职工之家", "罗湖工人文化宫", "南山工会大厦", "宝安职工学校"]
        return (0..<Self.roomCount).map { index in
            Room(
                site: sites[index % sites.count], name: "\(2 + index / sites.count)0\(1 + index % sites.count)",
                address: "深圳市工会路 \(index + 1) 号", seats: 60)
        } + [Room(site: "深圳市工人文化宫", name: "大礼堂", address: "深圳市深南大道 1 号", seats: 400)]
    }

    /// 89 courses of eight evenings, 17 of three, an online one of ten and a master lecture: 774 lessons. Of 16 rooms and 22 teachers each
    /// has one class an evening at most. Six courses draw lots for their seats.
    func catalogue(rooms: [Int64], teachers: [Int64]) -> Catalogue {
        let courses = (0..<Self.courseCount).map { number -> Course in
            let subject = Self.subjects[number % Self.subjects.count]
            let title = "\(subject.title)·\(Self.levels[number / Self.subjects.count])"
            return Course(category: subject.category, title: title, classes: [schoolClass(number, rooms, teachers)])
        }
        return Catalogue(courses: courses, publish: true)
    }

    private func schoolClass(_ number: Int, _ rooms: [Int64], _ teachers: [Int64]) -> Class {
        let isOnline = number == Self.courseCount - 1
        let isLecture = number == Self.courseCount - 2
        let isDrawn = number % 18 == 5
        let count = isOnline ? 10 : isLecture ? 1 : number % 6 == 2 && number < 102 ? 3 : 8
        let hours = isLecture ? ("14:00", "16:00") : isOnline ? ("20:45", "21:45") : ("19:00", "20:30")
        return Class(
            label: "一班", kind: isOnline ? "online" : isLecture ? "master_lecture" : "class", teacherId: teachers[number / 5],
            roomId: isOnline ? nil : isLecture ? rooms[rooms.count - 1] : rooms[number / 7],
            link: isOnline ? "https://meeting.example.org/night-school" : nil, capacity: isLecture ? 200 : isOnline ? 300 : 40,
            enrolmentMode: isDrawn ? "draw" : "first_come", opensAt: time(-0.01), closesAt: time(isDrawn ? 120 : 200),
            pattern: Pattern(weekdays: [isLecture ? 6 : number % 7 + 1], from: hours.0, to: hours.1, count: count))
    }
}
