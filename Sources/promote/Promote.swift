import Foundation
import PromoteCLI

@main
struct Promote {
    static func main() async {
        exit(await Entrypoint.run(Array(CommandLine.arguments.dropFirst())))
    }
}
