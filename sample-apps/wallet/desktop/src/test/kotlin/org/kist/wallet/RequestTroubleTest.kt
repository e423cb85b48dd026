package org.kist.wallet

import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.SemanticsMatcher
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.BrowserSession
import org.kist.FieldChoice
import org.kist.Person
import org.kist.Schemas
import org.kist.body
import org.kist.diskFull
import org.kist.request
import org.kist.wallet.app.SessionState
import org.kist.wallet.language.Language
import org.kist.wallet.language.Words
import org.kist.wallet.request.Choosing
import org.kist.wallet.request.Found
import org.kist.wallet.request.Remember
import org.kist.wallet.request.RequestDesk
import org.kist.wallet.request.RequestModel
import org.kist.wallet.request.RequestState
import org.kist.wallet.request.StoreDesk
import org.kist.wallet.state.sentence
import org.kist.wallet.state.valueOrNull
import org.kist.wallet.world.PASSPHRASE
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.WalletUi
import org.kist.wallet.world.WalletWorld
import org.kist.wallet.world.onWallet

/** What goes wrong while a request is open, and requests that aren't the usual ones. */
class RequestTroubleTest {
    @TempDir
    lateinit var folder: Path

    private fun inWorld(test: (WalletWorld, TestDevice) -> Unit) = WalletWorld(folder).use { world ->
        val device = world.device()
        runBlocking { world.furnish(device) }
        test(world, device)
    }

    private fun WalletUi.open(link: String) {
        type("Passphrase", PASSPHRASE)
        press("Open")
        press("Scan")
        type("Link", link)
        press("Open the link")
        isAt("Riverside Clinic asks")
    }

    private val WalletUi.person: Person get() = (wallet.session.state.value as SessionState.Open).person

    @Test
    fun `a22 an organisation that is suspended while its request is open gets nothing, and it is said why`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            open(hosted.uri)
            runBlocking {
                world.framework.suspend("NTRGB-1234")
                val bundle = Json.parseToJsonElement(world.framework.publish(validDays = 30)).jsonObject
                person.trust.updateList("Health Framework", bundle.getValue("list").jsonPrimitive.content)
            }
            press("Share 3 things")
            isAt("This can't be answered")
            sees("The framework has suspended this organisation.")
            sees("ask the organisation what happened")
            sees("Nothing of yours has left this device.")
            assertTrue(runBlocking { person.consents.list() }.isEmpty())
            press("Done")
            isAt("Scan a code")
        }
    }

    @Test
    fun `a full disk loses nothing of what was chosen, and the same can be tried again`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        runBlocking {
            device.store().open(PASSPHRASE).use { alice ->
                alice.records.add(Schemas.PHONE, body("phone_number" to "+44 7700 900123"))
                val desk = FullDisk(StoreDesk(alice))
                val id = alice.requests.open(hosted.uri).id
                val model = RequestModel(id, desk, this, onLeave = {})
                model.look()
                model.until { asking != null }
                model.choices.tick("phone:[\"phone_number\"]", true)
                model.share("en")
                val full = model.until { problem != null }
                assertEquals("The disk is full.", Words(Language.ENGLISH).sentence(checkNotNull(full.problem)))
                assertEquals(setOf("phone:[\"phone_number\"]"), full.choosing.ticked)
                assertTrue(alice.consents.list().isEmpty())
                desk.full = false
                model.share("en")
                model.until { asking == null && !sending }
                assertEquals(6, alice.consents.list().single().fields.size)
            }
        }
    }

    @Test
    fun `s5 what was ticked of a request that is found gone is forgotten`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        runBlocking {
            device.store().open(PASSPHRASE).use { alice ->
                val id = alice.requests.open(hosted.uri).id
                val desk = StoreDesk(alice)
                val ticked = Choosing(ticked = setOf("phone:[\"phone_number\"]"))
                desk.draft(id).keep(ticked)
                RequestModel(id, desk, this, onLeave = {}).let { model ->
                    model.look()
                    assertEquals(ticked, model.until { asking != null }.choosing)
                }
                RequestModel(id, Gone(desk), this, onLeave = {}).let { model ->
                    model.look()
                    model.until { found.valueOrNull == Found.Gone }
                }
                assertEquals(Choosing(), desk.draft(id).find())
            }
        }
    }

    private class Gone(desk: RequestDesk) : RequestDesk by desk {
        override suspend fun find(id: String): Found = Found.Gone
    }

    private class FullDisk(private val desk: RequestDesk) : RequestDesk by desk {
        var full = true

        override suspend fun answer(id: String, fields: List<FieldChoice>, language: String, remember: Remember) =
            if (full) throw diskFull() else desk.answer(id, fields, language, remember)
    }

    private suspend fun RequestModel.until(so: RequestState.() -> Boolean): RequestState =
        withTimeout(30.seconds) { state.first(so) }

    @Test
    fun `a28 a sign-in asks whether she began it, and gives her six digits for where she did`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request.copy(session = BrowserSession.AcrossDevices)) }
        onWallet(device) {
            open(hosted.uri)
            sees("Did you start this?")
            press("Share 3 things")
            isAt("Shared")
            sees("Type these six numbers where you began:")
            val digits = shownDigits()
            assertEquals(6, digits.length)
            val answer = runBlocking { world.clinic.requests.collect(hosted.id, wait = 10.seconds, code = digits) }
            assertEquals(5, checkNotNull(answer).fields.size)
        }
    }

    private fun WalletUi.shownDigits(): String {
        val spelt = SemanticsMatcher("is spelt") { node ->
            node.config.getOrElse(SemanticsProperties.ContentDescription) { emptyList() }
                .any { it.matches(Regex("""(\d ){5}\d""")) }
        }
        return nameOf(spelt).replace(" ", "")
    }

    @Test
    fun `k2 a single sharing without an agreement is said to be one`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request.copy(plain = true)) }
        onWallet(device) {
            open(hosted.uri)
            sees("They get this once. Nothing else is agreed.")
            press("Share 3 things")
            sees("There is no agreement, so no receipt comes.")
        }
        onWallet(device) {
            type("Passphrase", PASSPHRASE)
            press("Open")
            sees("There is no agreement, so no receipt comes.")
        }
        runBlocking { checkNotNull(world.clinic.requests.collect(hosted.id, wait = 10.seconds)) }
    }

    @Test
    fun `k3 what is needed and isn't there is said, and led to where it is added`() = inWorld { world, device ->
        runBlocking {
            device.store().open(PASSPHRASE).use { alice ->
                alice.records.list().filter { it.schema == Schemas.BIRTH }.forEach { alice.records.delete(it.id) }
            }
        }
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            open(hosted.uri)
            sees("They say they can't go on without: Date of birth.")
            press("Add: Birth")
            sees("Date of birth")
        }
    }

    @Test
    fun `u1 she reads it all in her own language`() = inWorld { world, device ->
        val hosted = runBlocking { world.clinic.requests.create(request) }
        onWallet(device) {
            open(hosted.uri)
            wallet.preferences.change { it.copy(language = Language.WELSH) }
            isAt("Mae Riverside Clinic yn gofyn")
            sees("I'ch cofrestru fel claf")
            sees("Maen nhw’n dweud eu bod yn ei gadw am 2 flynedd, yna’n ei ddileu.")
            wallet.preferences.change { it.copy(language = Language.ARABIC) }
            sees("لماذا يطلبون")
        }
    }
}
