package org.kist.wallet.shots

import org.kist.Parameter
import org.kist.wallet.ports.Luma
import org.kist.wallet.scan.ScanActs
import org.kist.wallet.scan.ScanScreen
import org.kist.wallet.scan.ScanState
import org.kist.wallet.scan.ScanWork
import org.kist.wallet.state.Problem

private val desktop = ScanActs(onIntroduce = { {} })
private val phone = ScanActs(onWatch = {})

/** Stripes in the place of what a camera sees. */
private val seen = Luma(ByteArray(64 * 48) { (it % 64 * 3 + it / 64 * 2).toByte() }, 64, 48)

private fun shot(name: String, state: ScanState, acts: ScanActs = desktop) = Shot(name, tab = "scan") { ScanScreen(state, acts) }

private fun purpose(what: String) = Problem("WrongPurpose", mapOf("what" to Parameter.Word(what)))

val scanShots = listOf(
    shot("scan", ScanState()),
    shot("scan", ScanState()).tablet(),
    shot("scan", ScanState()).enlarged(),
    shot("scan-phone", ScanState(), phone),
    shot("scan-camera", ScanState(cameraOn = true, seen = seen), phone),
    shot("scan-reading", ScanState(work = ScanWork.READING_PICTURE)),
    shot("scan-fetching", ScanState(work = ScanWork.FETCHING)),
    shot("scan-no-code", ScanState(problem = Problem.own("NoCode"))),
    shot("scan-not-a-request", ScanState(problem = Problem("NotARequest"))),
    shot("scan-expired", ScanState(problem = Problem("RequestExpired"))),
    shot("scan-linking", ScanState(problem = purpose("device linking"))),
    shot("scan-connection", ScanState(connection = "kist-connect:1?invitation=4KXW")),
    shot("scan-kit", ScanState(problem = Problem.own("KitShown"))),
    shot("scan-damaged", ScanState(problem = Problem.own("PictureUnreadable", "file" to "poster.png"))),
    shot("scan-too-long", ScanState(problem = Problem.own("TextTooLong", "length" to 1_000_000))),
    shot("scan-offline", ScanState(problem = Problem("Unreachable", retry = true, offline = true))),
)
