import Browser
import FoundationEssentials
import Testing

/// Each call once, on a page of this house's kind.
@Suite struct BrowserSessionTests {
    @Test func `a page is read, filled in and sent`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.desk()) { browser in
                try await browser.go(to: address + "/")
                #expect(try await browser.url() == address + "/")
                #expect(try await browser.title() == "驿站")
                #expect(try await browser.source().contains("<h1>驿站</h1>"))
                let name = try await browser.find("#name")
                try await name.type("建国")
                #expect(try await name.property("value") == "王建国")
                #expect(try await name.attribute("value") == "王")
                #expect(try await name.accessibleName() == "姓名")
                #expect(try await name.role() == "textbox")
                try await name.clear()
                try await name.type("李")
                #expect(try await !browser.find("#hidden").isVisible())
                try await browser.find("#greet").click()
                #expect(try await browser.waitUntil(visible: "#hidden").text() == "未见")
                let said = try await browser.waitUntil(text: "你好", in: "#said")
                #expect(try await said.text() == "你好，李")
                #expect(try await said.attribute("data-kind") == "greeting")
                #expect(try await said.attribute("none") == nil)
                #expect(try await said.style("display") == "block")
                #expect(try await browser.findAll("button").count == 2)
                #expect(try await browser.find("form").findAll("input").count == 2)
                #expect(try await browser.find("form").find("#agree").property("checked") == false)
                try await browser.find("#agree").click()
                #expect(try await browser.find("#agree").property("checked") == true)
                #expect(try await browser.find("#agree").isEnabled())
                try await browser.find("a").click()
                try await browser.waitUntil("location.pathname === '/words'")
                try await browser.back()
                try await browser.reload()
                #expect(try await browser.url() == address + "/")
                let errors = try await browser.consoleErrors()
                #expect(errors == [])
            }
        }
    }

    @Test func `an element that the page drew anew is the one now in its place; one of several is gone`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.desk()) { browser in
                try await browser.go(to: address + "/")
                let (name, several) = (try await browser.find("#name"), try await browser.findAll("input"))
                try await browser.run("for (const one of document.querySelectorAll('input')) one.replaceWith(one.cloneNode(true));")
                try await name.type("建国")
                #expect(try await browser.find("#name").property("value") == "王建国")
                await #expect(throws: BrowserError.self) { try await several[0].property("value") }
                try await browser.run("document.querySelector('#name').remove();")
                await #expect(throws: BrowserError.self) { try await name.property("value") }
            }
        }
    }

    @Test func `what is not there is refused, and waited for with a word of what is`() async throws {
        try await withBrowser(.desk()) { browser in
            try await browser.go(to: address(ofPage: "<p id=a>one</p>"))
            await #expect { try await browser.find("#b") } throws: { error in
                if case BrowserError.refused(code: "no such element", _) = error { true } else { false }
            }
            try await browser.waitUntil(gone: "#b")
            await #expect { try await browser.run("return nothing.here") } throws: { "\($0)".contains("nothing is not defined") }
        }
    }

    @Test func `keys are pressed where the focus is, and the way of the focus is told`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.desk(.english)) { browser in
                try await browser.go(to: address + "/")
                let steps = try await browser.focusOrder()
                #expect(steps.map(\.selector) == ["input#name", "input#agree", "button#greet", "a", "button#fetch", "a"], "\(steps)")
                #expect(steps.map(\.name) == ["姓名", "同意", "问好", "再来", "取", "表"])
                #expect(steps.map(\.role) == ["textbox", "checkbox", "button", "link", "button", "link"])
                #expect(try await browser.focusOrder(stepsMax: 2).count == 2)
                try await browser.find("#name").click()
                for key in [Key.escape, .tab] { try await browser.press(key) }
                try await browser.press(.tab, holding: [.shift])
                #expect(try await browser.focused().attribute("id") == "name")
                let pressed = try await browser.find("#key").text()
                #expect(pressed.hasSuffix("Escape Tab Shift Tab"), "\(pressed)")
                try await browser.type("!")
                #expect(try await browser.find("#name").property("value") == "!", "a field entered by Tab is selected")
                try await browser.find("#greet").click()
                try await browser.waitUntil(text: "你好", in: "#said")
                try await browser.run("document.getElementById('said').textContent = ''")
                try await browser.press(.enter)
                try await browser.waitUntil(text: "你好", in: "#said")
            }
        }
    }

    @Test func `scripts take and give values of every sort, and elements`() async throws {
        try await withBrowser(.desk()) { browser in
            try await browser.go(to: address(ofPage: "<p id=a>one</p><p id=b>two</p>"))
            let values: ScriptValue = [.null, true, 1, 2.5, "驿站", [], ["a": [1, "b"]]]
            #expect(try await browser.run("return arguments[0]", [values]) == values)
            #expect(try await browser.run("return undefined") == .null)
            let elements = try browser.elements(try await browser.run("return document.querySelectorAll('p')"))
            #expect(try await elements.last?.text() == "two")
            let second = try #require(elements.last)
            #expect(try await browser.run("return arguments[0].id + arguments[1]", [ScriptValue(second), 7]) == "b7")
            let later = "return await new Promise(go => setTimeout(() => go(given[0] + 1), 20))"
            #expect(try await browser.runAsync(later, [41]) == 42)
            await #expect { try await browser.runAsync("throw new Error('no')") } throws: { "\($0)".contains("no") }
            let count = try await browser.waitUntil("window.count = (window.count || 0) + 1, window.count > 3 && window.count")
            #expect(count == 4)
        }
    }

    @Test func `the console's errors are told, once each and those of earlier pages too`() async throws {
        try await withBrowser(.desk()) { browser in
            try await browser.go(to: address(ofPage: "<script>console.error('first'); console.log('calm')</script>"))
            #expect(try await browser.consoleErrors().count == 1)
            try await browser.go(to: address(ofPage: "<script>missing()</script>"))
            let errors = try await browser.consoleErrors()
            #expect(errors.count == 2 && errors.last?.source == "javascript" && errors.last?.level == "SEVERE", "\(errors)")
            #expect(errors.first?.message.contains("first") == true)
            #expect(try await browser.consoleErrors(besides: ["first", "missing is not defined"]).isEmpty)
            #expect(try await browser.console().contains { $0.message.contains("calm") })
        }
    }

    @Test func `a file that the page gives is stored and read`() async throws {
        try await PageServer.serve { address in
            try await withBrowser(.desk()) { browser in
                try await browser.go(to: address + "/")
                try await browser.find("a[download]").click()
                let bytes = try await browser.downloaded("list.csv")
                #expect(bytes == Array("a,b".utf8))
            }
        }
    }

    @Test func `cookies are seen that scripts cannot see, and each browser has its own`() async throws {
        try await PageServer.serve { address in
            try await withBrowsers([.desk(), .phone()]) { browsers in
                let (browser, other) = (browsers[0], browsers[1])
                try await browser.go(to: address + "/")
                let cookie = try #require(try await browser.cookies().first)
                #expect(cookie.name == "page" && cookie.value == "1" && cookie.path == "/" && cookie.isHTTPOnly && !cookie.isSecure)
                #expect(cookie.sameSite == "Strict" && cookie.expiry == nil)
                #expect(try await browser.run("return document.cookie") == "")
                try await browser.newWindow()
                try await browser.go(to: address + "/page.js")
                let seen = try await browser.cookies()
                #expect(seen == [cookie])
                #expect(try await browser.transferredBytes() > 0)
                try await other.go(to: address + "/words")
                try await other.deleteCookies()
                #expect(try await other.cookies().isEmpty)
                let kept = try await browser.cookies()
                #expect(kept == [cookie])
            }
        }
    }
}
