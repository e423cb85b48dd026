// The recovery kit: shown, printed, checked.

#if canImport(SwiftUI)
import Kist
import SwiftUI
import WalletModels

struct KitView: View {
    @State private var model: KitModel
    @Environment(WalletModel.self) private var wallet
    @Environment(\.words) private var words

    init(_ store: OpenStore, _ wallet: WalletModel) { _model = State(initialValue: KitModel(store, wallet)) }

    var body: some View {
        Form {
            switch model.step {
            case .relay:
                Text(words("create.where.why"))
                Text(words("create.where.relay.what"))
                TextField(words("create.where.relay"), text: $model.relay)
                    .autocorrectionDisabled()
                MainButton(words("create.where.go"), model.act) { await model.make() }
                Button(words("create.where.later")) { wallet.start(at: .home) }
            case .kit: if let kit = model.kit { shown(kit) }
            case .check:
                Text(words("create.check.why"))
                TextField(asked, text: $model.typed).autocorrectionDisabled().monospaced()
                MainButton(words("create.check.go"), model.act) { await model.check() }
                Button(words("act.back")) { model.showAgain() }
            case .done:
                Text(words("create.done.text"))
                Button(words("create.first.go")) { wallet.start(at: .home) }.buttonStyle(.borderedProminent)
                if let problem = model.act.problem { ProblemRow(problem) }
            }
        }
        .navigationTitle(words("create.kit.title"))
        .task { await model.load() }
    }

    private var asked: String {
        words(
            "create.check.group",
            ["group": .number(Int64(model.askedGroup)), "groups": .number(Int64(model.groups.count))])
    }

    @ViewBuilder private func shown(_ kit: RecoveryKit) -> some View {
        Text(words("create.kit.why"))
        Text(words("create.kit.nobody"))
        Text(kit.code).monospaced().font(.title3).privacySensitive()
            .accessibilityLabel(words("create.kit.code")).accessibilityValue(kit.code)
        #if canImport(UIKit)
        if let picture = (try? QRCode.picture(of: kit.uri))?.image {
            Image(picture, scale: 1, label: Text(words("create.kit.qr"))).interpolation(.none).privacySensitive()
        }
        Button(words("create.kit.print")) { KitPrinter.print(kit, words) }
        #endif
        Text(words("create.kit.relay", ["relay": .text(kit.relay)]))
        Button(words("create.kit.have")) { model.haveIt() }.buttonStyle(.borderedProminent)
    }
}

#if canImport(UIKit)
import UIKit

/// Prints the kit, or saves it as PDF: the system's sheet offers both.
@MainActor enum KitPrinter {
    static func print(_ kit: RecoveryKit, _ words: Words) {
        let job = UIPrintInteractionController.shared
        let lines = [
            words("create.paper.what"), kit.code, words("create.paper.relay", ["relay": .text(kit.relay)]),
            words("create.paper.how"), words("create.paper.steps"), words("create.paper.keep"), words("create.paper.date"),
        ]
        let text = NSMutableAttributedString(
            string: words("create.paper.title") + "\n\n", attributes: [.font: UIFont.preferredFont(forTextStyle: .title1)])
        for line in lines {
            let style: UIFont.TextStyle = line == kit.code ? .title2 : .body
            text.append(
                NSAttributedString(string: line + "\n\n", attributes: [.font: UIFont.preferredFont(forTextStyle: style)]))
        }
        if let picture = (try? QRCode.picture(of: kit.uri, scale: 3))?.image {
            text.append(NSAttributedString(attachment: NSTextAttachment(image: UIImage(cgImage: picture))))
        }
        let formatter = UISimpleTextPrintFormatter(attributedText: text)
        formatter.perPageContentInsets = UIEdgeInsets(top: 72, left: 72, bottom: 72, right: 72)
        job.printFormatter = formatter
        job.present(animated: true)
    }
}
#endif
#endif
