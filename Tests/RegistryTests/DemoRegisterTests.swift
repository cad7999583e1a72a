import Testing

@testable import Registry

@Suite struct DemoRegisterTests {
    private func text(_ register: DemoRegister) -> String { String(decoding: Array(register.joined()), as: UTF8.self) }

    @Test func `the same seed gives the same people, another seed others`() {
        let first = text(DemoRegister(seed: 1, count: 100))
        #expect(first == text(DemoRegister(seed: 1, count: 100)))
        #expect(first != text(DemoRegister(seed: 2, count: 100)))
        #expect(first.hasPrefix("姓名,身份证号,手机号,工种,就业形式,苦脏累险岗位,单位体检\n"))
    }

    @Test func `every id is valid, nobody's, and nobody is there twice`() throws {
        var seen: Set<NationalID> = []
        for line in text(DemoRegister(seed: 7, count: 40_000, organizations: ["甲", "乙"])).split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            #expect(cells.count == 8)
            let id = try NationalID(String(cells[1]))
            #expect(id.text.hasPrefix("99"))
            #expect(seen.insert(id).inserted)
            _ = try PersonName(String(cells[0]))
            _ = try PhoneNumber(String(cells[2]))
            #expect(WorkerKind.byName[String(cells[3])] != nil && EmploymentForm.byName[String(cells[4])] != nil)
        }
        #expect(seen.count == 40_000)
    }

    @Test func `the id of a row is known without reading the file`() throws {
        let line = text(DemoRegister(seed: 99_999, count: 12)).split(separator: "\n")[12]
        #expect(line.split(separator: ",")[1] == DemoRegister.nationalID(seed: 99_999, row: 11).text[...])
    }
}
