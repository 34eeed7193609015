import GitOpsTypes

/// A tree object as its bytes are.
///
/// What `git fsck --strict` calls broken is refused: programs differ in which of two entries of one name they read, and what is
/// judged has to be what a checkout gets. So are two names that Unicode takes for one, of which file systems keep one.
/// Names that are no UTF-8 are there, and refused when they are asked for.
///
/// Source: Git's fsck.c, `fsck_tree`, and its tree-walk.c, `base_name_compare`.
struct TreeObject: Sendable {
    struct Item: Hashable, Sendable {
        let mode: Mode
        fileprivate let nameStart: Int
        fileprivate let nameEnd: Int
    }

    enum Mode: Hashable, Sendable {
        case file, executable, directory, link, submodule

        /// The modes that Git writes; `100664` is one that it wrote long ago, and takes for a plain file's.
        init?(octal digits: ArraySlice<UInt8>) {
            switch String(decoding: digits, as: UTF8.self) {
            case "100644", "100664": self = .file
            case "100755": self = .executable
            case "40000": self = .directory
            case "120000": self = .link
            case "160000": self = .submodule
            default: return nil
            }
        }
    }

    let items: [Item]
    private let bytes: [UInt8]

    /// - Throws: `GitError.malformed`.
    init(_ bytes: [UInt8], of id: TreeID) throws(GitError) {
        func broken(_ what: String) -> GitError {
            GitError(
                .malformed, "read directory \(id.short)", what,
                hint: "`git fsck --strict` finds it; write the directory again with git: git rm -r --cached, git add, git commit")
        }
        self.bytes = bytes
        var items: [Item] = []
        var position = 0
        while position < bytes.count {
            guard let space = bytes[position...].prefix(8).firstIndex(of: UInt8(ascii: " ")),
                let end = bytes[space...].firstIndex(of: 0), end + TreeID.byteCount < bytes.count
            else { throw broken("it is cut off") }
            guard let mode = Mode(octal: bytes[position..<space]) else {
                throw broken("an entry has the mode \(String(decoding: bytes[position..<space], as: UTF8.self).displayable)")
            }
            items.append(Item(mode: mode, nameStart: space + 1, nameEnd: end))
            position = end + 1 + TreeID.byteCount
        }
        self.items = items
        if let problem = findProblem() { throw broken(problem) }
    }

    private func findProblem() -> String? {
        var isPlain = true
        for (index, item) in items.enumerated() {
            let name = nameBytes(item)
            if let problem = Self.problem(with: name) { return problem }
            if bytes[item.nameEnd + 1..<item.nameEnd + 1 + TreeID.byteCount].allSatisfy({ $0 == 0 }) {
                return "the entry “\(Self.shown(name))” names no object"
            }
            if index > 0, !isInOrder(items[index - 1], item) {
                return name == nameBytes(items[index - 1])
                    ? "it has two entries of the name “\(Self.shown(name))”" : "its entries are not in order"
            }
            // Between a file and a directory of one name, others may stand.
            if item.mode == .directory, find(name, asDirectory: false) != nil {
                return "it has two entries of the name “\(Self.shown(name))”"
            }
            isPlain = isPlain && name.allSatisfy { $0 < 0x80 }
        }
        if isPlain { return nil }
        // Two texts are equal here when they are to Unicode.
        var seen: Set<String> = []
        for item in items {
            guard let name = String(validating: nameBytes(item), as: UTF8.self) else { continue }
            guard seen.insert(name).inserted else { return "two names in it are “\(name.displayable)” to Unicode" }
        }
        return nil
    }

    private static func problem(with name: ArraySlice<UInt8>) -> String? {
        if name.isEmpty { return "an entry has no name" }
        if name.contains(UInt8(ascii: "/")) { return "the name “\(shown(name))” has a slash" }
        if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) || isGitFolder(name) {
            return "an entry has the name “\(shown(name))”"
        }
        return nil
    }

    /// Whether some file system takes the name for `.git`.
    private static func isGitFolder(_ name: ArraySlice<UInt8>) -> Bool {
        // Most names begin otherwise, and are not asked further.
        guard let first = name.first, first >= 0x80 || first == UInt8(ascii: ".") || first | 0x20 == UInt8(ascii: "g") else {
            return false
        }
        // Characters that HFS+ leaves out of comparisons; source: Git's utf8.c, `next_hfs_char`.
        var scalars = String(decoding: name, as: UTF8.self).unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x200C...0x200F, 0x202A...0x202E, 0x206A...0x206F, 0xFEFF: false
            default: true
            }
        }
        // Those that NTFS leaves out at the end; source: Git's path.c, `is_ntfs_dotgit`.
        while let last = scalars.last, last == "." || last == " " { scalars.removeLast() }
        let text = String(String.UnicodeScalarView(scalars)).lowercased()
        return text == ".git" || text == "git~1" || text.hasPrefix(".git:") || text.hasPrefix(".git\\")
    }

    private static func shown(_ name: ArraySlice<UInt8>) -> String { String(decoding: name, as: UTF8.self).displayable }

    // MARK: Entries

    private func nameBytes(_ item: Item) -> ArraySlice<UInt8> { bytes[item.nameStart..<item.nameEnd] }

    /// Nil for a name that is no UTF-8.
    func name(of item: Item) -> String? { String(validating: nameBytes(item), as: UTF8.self) }

    func id<Kind>(of item: Item) -> ObjectID<Kind> {
        bytes.withUnsafeBytes { ObjectID(bytes: .init(rebasing: $0[item.nameEnd + 1..<item.nameEnd + 1 + TreeID.byteCount])) }
    }

    func entry(of item: Item) -> TreeEntry {
        switch item.mode {
        case .file, .executable: .blob(id(of: item))
        case .directory: .tree(id(of: item))
        case .link: .link(id(of: item))
        case .submodule: .submodule(id(of: item))
        }
    }

    /// The item of exactly this name.
    func item(named name: String) -> Item? {
        let name = Array(name.utf8)[...]
        return find(name, asDirectory: false) ?? find(name, asDirectory: true)
    }

    private func find(_ name: ArraySlice<UInt8>, asDirectory isDirectory: Bool) -> Item? {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            let item = items[middle]
            switch Self.compare(nameBytes(item), item.mode == .directory, name, isDirectory) {
            case 0: return item
            case ..<0: low = middle + 1
            default: high = middle
            }
        }
        return nil
    }

    private func isInOrder(_ first: Item, _ second: Item) -> Bool {
        Self.compare(nameBytes(first), first.mode == .directory, nameBytes(second), second.mode == .directory) < 0
    }

    /// The order of Git's trees, in which a directory's name ends in a slash.
    ///
    /// - Returns: less than 0, 0 or more, as the left is before, at or behind the right.
    static func compare(
        _ left: ArraySlice<UInt8>, _ isLeftDirectory: Bool, _ right: ArraySlice<UInt8>, _ isRightDirectory: Bool
    ) -> Int {
        var (l, r) = (left.startIndex, right.startIndex)
        while l < left.endIndex, r < right.endIndex {
            if left[l] != right[r] { return Int(left[l]) - Int(right[r]) }
            (l, r) = (l + 1, r + 1)
        }
        func next(_ name: ArraySlice<UInt8>, _ index: Int, _ isDirectory: Bool) -> Int {
            index < name.endIndex ? Int(name[index]) : isDirectory ? Int(UInt8(ascii: "/")) : 0
        }
        return next(left, l, isLeftDirectory) - next(right, r, isRightDirectory)
    }

    /// As `compare`, of items of two trees.
    func compare(_ item: Item, with other: TreeObject, _ second: Item) -> Int {
        Self.compare(nameBytes(item), item.mode == .directory, other.nameBytes(second), second.mode == .directory)
    }
}
