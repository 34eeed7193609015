import Subprocess
import SystemPackage

/// Bytes for the standard input of a program, which need not read them all: one that leaves or closes its input has read
/// enough.
struct ToolInput: InputProtocol {
    let bytes: [UInt8]

    func write(with writer: StandardInputWriter) async throws {
        guard !bytes.isEmpty else { return }
        do {
            _ = try await writer.write(bytes)
        } catch  where error.underlyingError == .brokenPipe {
            // Its exit status says what it made of what it has read.
        }
    }
}
