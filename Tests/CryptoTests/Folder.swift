import Glibc

/// A system call of a test's preparation that failed.
struct PreparationFailed: Error {
    let code = errno
}

/// A new empty folder for one test.
func makeFolder() throws -> String {
    var template = Array("/tmp/waystation-crypto-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw PreparationFailed() }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Removes a folder of plain files.
func removeFolder(_ folder: String) {
    do {
        for name in try names(in: folder) { unlink(folder + "/" + name) }
        rmdir(folder)
    } catch {
        print("the test's folder \(folder) stays behind: \(error)")
    }
}

func withFolder(_ body: (String) throws -> Void) throws {
    let folder = try makeFolder()
    defer { removeFolder(folder) }
    try body(folder)
}

/// The names in a folder, sorted, without `.` and `..`.
func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { throw PreparationFailed() }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw PreparationFailed() }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
}

/// Replaces or makes a file, mode 0600.
func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw PreparationFailed() }
    fchmod(fileno(file), 0o600)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw PreparationFailed() }
}
