import GitOpsTypes
import Kustomize
import YAMLEditing

/// What `helm template` has printed: manifests behind lines of `---`, each with the name of its template.
struct ChartOutput: Equatable {
    let text: [UInt8]
    private let chart: RepositoryPath

    init(_ text: [UInt8], of chart: RepositoryPath) {
        self.text = text
        self.chart = chart
    }

    /// The manifests, each with the line before it.
    private var manifests: [ArraySlice<UInt8>] {
        var manifests: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var line = text.startIndex
        while line < text.endIndex {
            let end = text[line...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
            if line > start, text[line..<end].elementsEqual("---".utf8) {
                manifests.append(text[start..<line])
                start = line
            }
            line = end + 1
        }
        return manifests + [text[start...]]
    }

    // MARK: Tests

    /// Without the tests of the chart: agents do not apply them, and charts like to give them names by chance.
    ///
    /// Source: Helm, "Chart Tests". A hook that is something else besides is none.
    var withoutTests: ChartOutput {
        ChartOutput(manifests.filter { !isTest($0) }.flatMap(Array.init), of: chart)
    }

    private func isTest(_ manifest: ArraySlice<UInt8>) -> Bool {
        do {
            let objects = try RenderedManifests(writtenIn: [(chart, Array(manifest))], reads: [:]).objects
            return !objects.isEmpty && objects.allSatisfy(Self.isTest)
        } catch {
            // What is no manifest is told by what reads it all.
            return false
        }
    }

    private static func isTest(_ object: RenderedObject) -> Bool {
        let annotations = object.node["metadata"]?["annotations"]
        guard let hook = annotations?["helm.sh/hook"]?.text, annotations?["argocd.argoproj.io/hook"] == nil else { return false }
        return hook.split(separator: ",").allSatisfy {
            ["test", "test-success", "test-failure"].contains($0.filter { !$0.isWhitespace })
        }
    }

    // MARK: Errors

    /// That `other`, printed by another run, is something else; nil where that run has failed.
    func instability(_ other: ChartOutput?) -> RenderingError {
        let others = other?.withoutTests.manifests ?? []
        let difference = withoutTests.manifests.enumerated().first { index, manifest in
            index >= others.count || others[index] != manifest
        }
        return RenderingError(
            "\(difference.flatMap { Self.template(of: $0.element) } ?? "the chart") is not the same when it is rendered twice: it uses chance, the time, or keys in no order",
            in: chart,
            hint:
                "give the value that it makes up (a password, a certificate, a date) in the values, or take it from a Secret that exists"
        )
    }

    /// What is wrong with what was printed, with the template that it is from.
    func error(_ error: KustomizeError) -> RenderingError {
        guard let position = error.position else { return RenderingError(error) }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).prefix(position.line)
        guard let template = Self.template(in: lines.reversed()) else { return RenderingError(error) }
        return RenderingError(
            "\(template): \(error.message) (in line \(position.line) of what helm prints)", in: chart, hint: error.hint)
    }

    private static func template(of manifest: ArraySlice<UInt8>) -> String? {
        template(in: manifest.split(separator: UInt8(ascii: "\n")))
    }

    /// The first template that is named, as Helm names it.
    private static func template(in lines: [ArraySlice<UInt8>]) -> String? {
        let mark = "# Source: "
        return lines.first { $0.starts(with: mark.utf8) }.map {
            String(decoding: $0.dropFirst(mark.utf8.count), as: UTF8.self).displayable
        }
    }
}
