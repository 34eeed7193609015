/// The name of a ref, whose parts are directories to Git: it cannot have a ref and another one below it.
enum RefName {
    /// The names, shortest first, that are directories for `name`, or for whatever begins with it, and that are below `root`.
    ///
    /// - Parameter root: ends in a slash.
    static func parents(of name: String, below root: String) -> [String] {
        guard name.utf8.starts(with: root.utf8) else { return [] }
        return name.utf8.indices.dropFirst(root.utf8.count).filter { name.utf8[$0] == UInt8(ascii: "/") }
            .map { String(name[..<$0]) }
    }
}
