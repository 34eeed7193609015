import Foundation
import FuzzExercises
import Testing

@Suite struct FuzzCorpusTests {
    @Test(arguments: FuzzExercise.allCases)
    func `What holds for all bytes holds for every input that fuzzing has found`(_ exercise: FuzzExercise) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpus")
        let text = try String(contentsOf: folder.appending(path: "\(exercise.rawValue).txt"), encoding: .utf8)
        let corpus = try FuzzCorpus(text)
        #expect(corpus.inputs.count > 100)
        for input in corpus.inputs { try exercise.run(input) }
    }
}
