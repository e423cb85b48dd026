// An app that does one step of the story of the clinic's desk, and is killed there as the system kills apps: at once.
//
//     wallet-killed FOLDER STEP LINK

import Foundation
import WalletWorld

let arguments = CommandLine.arguments
guard arguments.count == 4, let step = Step(rawValue: arguments[2]) else {
    FileHandle.standardError.write(Data("wallet-killed FOLDER STEP LINK\n".utf8))
    exit(2)
}
let phone = Phone(URL(fileURLWithPath: arguments[1]))
do {
    let (wallet, store) = try await phone.startUnlocked()
    try await step.run(wallet, store, link: arguments[3])
    kill(getpid(), SIGKILL)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
