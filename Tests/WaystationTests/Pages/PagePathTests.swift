import Browser
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import Scheduler
import Stations
import Testing

/// Ways that lead over more than one view, or more than one page.
struct PagePathTests {
    private struct DoorCode: Decodable { let code: String }

    @Test func `somebody joins by an organization's code, is taken in, and sees it`() async throws {
        try await withPages { scene in
            let code = try await scene.city.joinCode(of: scene.city.east)
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.open(browser, .worker, "/join/\(code)")
                try await browser.waitUntil(text: "东街", in: "main h2")
                // What is missing is said beside its field.
                try await browser.press(css: "main form button.primary")
                try await browser.waitUntil(visible: "main .field .error")
                try await browser.find("[name=name]").type("王五")
                try await browser.find("[name=nationalId]").type("110105198803150010")
                try await browser.find("[name=phone]").type("13800138002")
                try await browser.find("[name=workerKind] option[value=courier]").click()
                try await browser.find("[name=employmentForm] option[value=platform]").click()
                try await browser.press(css: "[name=consent-registry]")
                try await scene.inspect(browser, "worker-join-form-phone-zh")
                try await browser.press(css: "main form button.primary")
                try await browser.waitUntil(visible: "main .tag.warn")
                let approved = await scene.city.send(.post, "/v1/applications/1/approve")
                #expect(approved.status == 200, "\(approved.text)")
                try await browser.reload()
                try await browser.waitUntil(visible: "main .tag.good")
                try await scene.inspect(browser, "worker-join-approved-phone-zh")
            }
        }
    }

    @Test func `a worker opens a door with the code that the door shows`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            let door = scene.city.doors[0]
            try await withBrowser(.phone(.english)) { browser in
                try await scene.admit(browser, .worker, member.token)
                try await scene.open(browser, .worker, "/open")
                try await browser.find("[name=code]").type("nonsense")
                try await browser.press(.enter)
                try await browser.waitUntil(visible: ".banner.warn")
                try await browser.find("[name=code]").clear()
                // Only now: it is good for a minute, and other tests' browsers may have been waited for.
                let shown = try await scene.city.send(.get, "/v1/access-points/\(door)/door-code", bearer: scene.city.device)
                    .json(DoorCode.self).code
                try await browser.find("[name=code]").type(shown)
                try await browser.press(.enter)
                try await browser.waitUntil(visible: ".verdict.good")
                try await scene.inspect(browser, "worker-open-good-phone-en")
                let inside: Int64 = try await scene.service.database.query("select count(*) from access_event where open")[0].decode(0)
                #expect(inside == 1)
            }
        }
    }

    @Test func `the live board tells of a scan by itself`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(.desk(.english)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/board")
                try await browser.waitUntil(visible: ".tiles li")
                try await browser.run("window.isSamePage = true;")
                let code = MemberCodeIssuer(scene.service.keys).issue(memberID: member.id, nowMicroseconds: Clock().nowMicroseconds).text
                let decision = try await scene.city.scan(code, at: 0)
                #expect(decision.open)
                for job in scene.service.stations.jobs { _ = try await job.run() }
                try await browser.waitUntil("/\\b1\\b/.test(document.querySelectorAll('.sums b')[1].textContent)")
                #expect(try await browser.run("return window.isSamePage === true;").bool == true, "nothing was loaded anew")
                try await browser.saveScreenshot(named: "desk-board-live-desk-en")
            }
        }
    }

    @Test func `the hour in which somebody came leads to that scan, and the one in which nobody did leads nowhere`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            #expect(try await scene.city.scan(scene.code(member.id), at: 0).open)
            for job in scene.service.stations.jobs { _ = try await job.run() }
            let station = try await scene.value("select station_id from access_event", as: Int64.self)
            try await withBrowser(.desk(.english)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/visitors?stationId=\(station)")
                try await browser.waitUntil("document.querySelectorAll('figure.chart a[href*=weekday]').length === 1")
                try await browser.find("figure.chart a[href*=weekday]").click()
                try await browser.waitUntil("document.querySelectorAll('table.rows tbody tr').length === 1")
                #expect(try await browser.url().contains("#/stations/\(station)/scans?"))
                try await scene.inspect(browser, "desk-scans-desk-en")
                try await scene.open(browser, .desk, "/stations/\(station)/scans?result=refused")
                try await browser.waitUntil(text: "No row fits", in: "main")
            }
        }
    }

    @Test func `a code made at the desk pairs a tablet, by its QR and by its letters`() async throws {
        try await withPages { scene in
            try await withBrowsers([.desk(.chinese), .phone(.chinese)]) { browsers in
                let (desk, tablet) = (browsers[0], browsers[1])
                try await scene.admit(desk, .desk, scene.service.owner)
                try await scene.open(desk, .desk, "/devices")
                try await desk.find(".head button.primary").click()
                try await desk.waitUntil(visible: "dialog [name=name]")
                try await desk.find("dialog [name=name]").type("红枫广场 大门")
                try await desk.find("dialog form button.primary").click()
                let letters = try await desk.waitUntil(visible: ".pairing-code").text()
                try await desk.waitUntil("document.querySelector('img.pairing').complete")
                let read = try await QRReader.read(png: try await desk.screenshot())
                #expect(read == ["WSP:\(letters)"])
                try await desk.saveScreenshot(named: "desk-pairing-desk-zh")
                try await scene.open(tablet, .device, "/")
                try await tablet.find("[name=pairingCode]").type(letters)
                try await tablet.press(.enter)
                try await tablet.waitUntil(gone: "[name=pairingCode]")
                let count: Int64 = try await scene.service.database.query(
                    "select count(*) from device where name = '红枫广场 大门'")[0].decode(0)
                #expect(count == 1)
            }
        }
    }
}
