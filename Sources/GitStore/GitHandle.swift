import CLibgit2
import GitOpsTypes

/// Throws what libgit2 says about a failed call. Its last error belongs to the calling thread: it is read at once.
func check(_ status: Int32, _ operation: @autoclosure () -> String) throws(GitError) {
    guard status < 0 else { return }
    let message = git_error_last()?.pointee.message.map { String(cString: $0) } ?? "error \(status)"
    throw GitError(status == GIT_ENOTFOUND.rawValue ? .notFound : .failed, operation(), message.displayable)
}

/// Owns one libgit2 object and frees it.
struct GitHandle: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    init(
        _ operation: @autoclosure () -> String, _ free: @escaping (OpaquePointer?) -> Void,
        _ open: (inout OpaquePointer?) -> Int32
    ) throws(GitError) {
        var pointer: OpaquePointer?
        try check(open(&pointer), operation())
        guard let pointer else { throw GitError(.failed, operation(), "libgit2 returned nothing") }
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}

/// libgit2's process-wide set-up, made when the first repository is opened.
enum LibraryState {
    static let initialized: Void = {
        git_libgit2_init()
        // The git program has judged the owner of the repository by safe.directory before libgit2 opens it.
        _ = promote_git_set_owner_validation(0)
        // Its own limits are made for servers: with them, a long history is in memory in the end. What it counts of an object
        // are the bytes it has in the repository, and the tree of an event has forty of them, and several hundred in memory.
        _ = promote_git_set_memory_limits(2 << 20, 1 << 20, 8 << 20, 64 << 20)
    }()
}

extension ObjectID {
    init(_ oid: git_oid) {
        self = withUnsafeBytes(of: oid.id) { Self(bytes: $0) }
    }

    var oid: git_oid {
        var oid = git_oid()
        withUnsafeMutableBytes(of: &oid.id) { copyBytes(to: $0) }
        return oid
    }
}

extension git_buf {
    var bytes: [UInt8] {
        ptr.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
    }
}
