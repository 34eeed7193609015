import GitOpsTypes

/// One line of allowed_signers: `principal[,principal…] [option[,option…]] key [comment]`.
///
/// Source: ssh-keygen(1), ALLOWED SIGNERS; what it leaves open is as OpenSSH's sshsig.c reads it: the principals end at a blank, or
/// at the second quote; the values of options are quoted, with `\"` for a quote.
struct AllowedSignersLine {
    private let text: Substring
    private let number: Int

    init(_ text: String, number: Int) {
        self.text = text[...]
        self.number = number
    }

    /// - Returns: nil for an empty line and for a comment.
    /// - Throws: `AllowedSigners.Failure` for what is not understood.
    func entry() throws(AllowedSigners.Failure) -> AllowedSigners.Entry? {
        var rest = text.drop(while: Self.isBlank)
        guard let first = rest.first, first != "#" else { return nil }
        let principals = try principals(&rest)
        var options = AllowedSignersOptions(line: number)
        if !rest.isEmpty, !SSHPublicKey.knownTypes.contains(String(rest.prefix { !Self.isBlank($0) })) {
            try options.read(&rest)
            rest = rest.drop(while: Self.isBlank)
        }
        let words = rest.split(whereSeparator: Self.isBlank)
        guard words.count >= 2, let key = SSHPublicKey(base64: words[1]), key.type == words[0],
            SSHPublicKey.knownTypes.contains(key.type)
        else { throw failure("there is no public key after the principals") }
        return AllowedSigners.Entry(
            principals: principals, key: key, namespaces: options.namespaces, validAfter: options.validAfter,
            validBefore: options.validBefore)
    }

    private func principals(_ rest: inout Substring) throws(AllowedSigners.Failure) -> [String] {
        var list = rest.prefix { !Self.isBlank($0) && $0 != "\"" }
        rest = rest[list.endIndex...]
        if rest.first == "\"" {
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: "\"") else { throw failure("the quote around the principals is not closed") }
            list += rest[..<end]
            rest = rest[rest.index(after: end)...]
        }
        rest = rest.drop(while: Self.isBlank)
        let names = list.split(separator: ",").map(String.init)
        if names.isEmpty || names.contains(where: { $0.contains("*") || $0.contains("?") || $0.hasPrefix("!") }) {
            throw failure("principals must be written out, without * ? or !")
        }
        return names
    }

    private func failure(_ message: String) -> AllowedSigners.Failure { .init(line: number, message: message) }

    static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}

/// The options of a line of allowed_signers, each at most once.
struct AllowedSignersOptions {
    private let line: Int
    private(set) var namespaces: PatternList?
    private(set) var validAfter: Timestamp?
    private(set) var validBefore: Timestamp?

    init(line: Int) {
        self.line = line
    }

    /// Reads options from the front of `rest`, up to a blank outside quotes.
    mutating func read(_ rest: inout Substring) throws(AllowedSigners.Failure) {
        while true {
            let name = rest.prefix { $0 != "=" && $0 != "," && !AllowedSignersLine.isBlank($0) }
            rest = rest[name.endIndex...]
            try take(name.lowercased(), &rest)
            guard rest.first == "," else { break }
            rest = rest.dropFirst()
            if rest.isEmpty || rest.first.map(AllowedSignersLine.isBlank) == true { throw failure("there is an empty option") }
        }
        guard rest.first.map(AllowedSignersLine.isBlank) ?? true else { throw failure("there is text behind an option's value") }
    }

    private mutating func take(_ name: String, _ rest: inout Substring) throws(AllowedSigners.Failure) {
        switch name {
        case "":
            // OpenSSH takes commas alone for nothing.
            guard rest.first == "," else { throw failure("there is an empty option") }
        case "cert-authority":
            throw failure("certificate authorities are not accepted; list each person's key")
        case "namespaces":
            if namespaces != nil { throw failure("namespaces is given twice") }
            let list = PatternList(try value(of: name, &rest))
            guard !list.isEmpty else { throw failure("namespaces names none") }
            namespaces = list
        case "valid-after":
            if validAfter != nil { throw failure("valid-after is given twice") }
            validAfter = try time(value(of: name, &rest))
        case "valid-before":
            if validBefore != nil { throw failure("valid-before is given twice") }
            validBefore = try time(value(of: name, &rest))
        default: throw failure("“\(name)” is neither an option nor a key type")
        }
    }

    private func value(of name: String, _ rest: inout Substring) throws(AllowedSigners.Failure) -> String {
        guard rest.hasPrefix("=\"") else {
            throw failure("the value of \(name) stands in double quotes: \(name)=\"…\"")
        }
        rest = rest.dropFirst(2)
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { return value }
            if character == "\\", rest.first == "\"" {
                value.append("\"")
                rest = rest.dropFirst()
            } else {
                value.append(character)
            }
        }
        throw failure("the quote around the value of \(name) is not closed")
    }

    /// `YYYYMMDD`, `YYYYMMDDHHMM` or with seconds, each in UTC with a `Z` (or `UTC`, as OpenSSH has it).
    private func time(_ text: String) throws(AllowedSigners.Failure) -> Timestamp {
        let folded = text.uppercased()
        guard let zone = ["Z", "UTC"].first(where: { folded.hasSuffix($0) }) else {
            throw failure("the time “\(text)” has no Z: times must be in UTC to mean the same everywhere")
        }
        let digits = folded.dropLast(zone.count)
        guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw failure("“\(text)” is not a time such as 20261121Z or 202611210742Z")
        }
        let padded = Array(digits + String(repeating: "0", count: 14 - digits.count))
        func part(_ range: Range<Int>) -> String { String(padded[range]) }
        let iso = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
        // OpenSSH has no time before 1970, and takes its first second for none at all, which would bound nothing.
        guard let time = Timestamp(iso), time.seconds > 0 else { throw failure("“\(text)” is not a time") }
        return time
    }

    private func failure(_ message: String) -> AllowedSigners.Failure { .init(line: line, message: message) }
}
