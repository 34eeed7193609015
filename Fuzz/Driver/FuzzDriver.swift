import FuzzExercises

// The program of libFuzzer: `fuzz <exercise> [options of libFuzzer] <folder of inputs>…`.
//
// libFuzzer brings a `main` of its own that knows one function; its documented entry point for other programs takes the
// function to call, so that one program serves all exercises.

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Set once, before the first input.
nonisolated(unsafe) private var exercise = FuzzExercise.yamlReader

@_cdecl("fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    guard count > 1, let name = arguments[1], let chosen = FuzzExercise(rawValue: String(cString: name)) else {
        print("usage: fuzz \(FuzzExercise.allCases.map(\.rawValue).joined(separator: "|")) [libFuzzer options] folder")
        return 64
    }
    exercise = chosen
    // What is left is libFuzzer's.
    var remaining = count - 1
    var shifted = arguments + 1
    shifted[0] = arguments[0]
    return runFuzzer(&remaining, &shifted) { bytes, count in
        do throws(FuzzExercise.Violation) {
            try exercise.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            fatalError(error.message)
        }
        return 0
    }
}
