import FuzzExercises
import Glibc

// The program of libFuzzer: `FUZZ_EXERCISE=… fuzz [options of libFuzzer] <folder of inputs>…`.
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
    // By the environment, not by an argument: libFuzzer starts this program again, with its own arguments only, when it merges.
    guard let name = getenv("FUZZ_EXERCISE"), let chosen = FuzzExercise(rawValue: String(cString: name)) else {
        print(
            "usage: FUZZ_EXERCISE=\(FuzzExercise.allCases.map(\.rawValue).joined(separator: "|")) fuzz [libFuzzer options] folder"
        )
        return 64
    }
    exercise = chosen
    var count = count
    var arguments = arguments
    return runFuzzer(&count, &arguments) { bytes, count in
        do throws(FuzzExercise.Violation) {
            try exercise.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            fatalError(error.message)
        }
        return 0
    }
}
