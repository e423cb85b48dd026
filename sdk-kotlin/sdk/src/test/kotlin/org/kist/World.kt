package org.kist

import java.io.File
import java.nio.file.Files.createDirectories
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertTrue

const val PASSPHRASE = "a passphrase of some length"

/** The real relay, on a port of its own; stopped and started again it keeps its address. */
class RelayProcess(val data: Path) : AutoCloseable {
    private var process = start("127.0.0.1:0")
    private val address = listening()
    val url = "http://$address"

    private fun start(listen: String): Process {
        val program = File(System.getProperty("kist.target"), "kist-relay").path
        return ProcessBuilder(program, "--data", data.toString(), "--listen", listen, "--no-rate-limit")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
    }

    /** The relay says where it listens, and by that that it does. */
    private fun listening(): String {
        val line = checkNotNull(process.inputReader().readLine()) { "the relay doesn't start" }
        return Json.parseToJsonElement(line).jsonObject.getValue("address").jsonPrimitive.content
    }

    /** Does [change] to the relay's folder while the relay is stopped. */
    fun whileStopped(change: () -> Unit) {
        close()
        change()
        process = start(address)
        listening()
    }

    override fun close() {
        process.destroy()
        assertTrue(process.waitFor(40, TimeUnit.SECONDS), "the relay stops when it is told to")
    }
}

/** A desktop without a key store, quick to unlock, that reaches a relay on this machine. */
fun platform(name: String, secureArea: SecureArea? = null, smallState: SmallState? = null) = Platform(
    deviceName = name,
    secureArea = secureArea,
    smallState = smallState,
    kdfCost = KdfCost(memoryKib = 19456u, passes = 2u, lanes = 1u),
    allowLoopback = true,
)

/** Runs a test that may suspend, and not for ever. */
fun within(minutes: Int = 2, test: suspend CoroutineScope.() -> Unit) =
    runBlocking { withTimeout(minutes.minutes) { test() } }

/** The code of what must fail. */
inline fun <reified E : KistException> failing(call: () -> Any?): E {
    val outcome = try {
        call()
    } catch (error: KistException) {
        assertTrue(error is E, "$error is no ${E::class.simpleName}")
        return error as E
    }
    throw AssertionError("it came to $outcome")
}

fun body(vararg members: Pair<String, String>): JsonObject =
    JsonObject(members.associate { (name, value) -> name to JsonPrimitive(value) })

/** A framework's operator and a clinic that it admitted. */
class World(private val folder: Path) : AutoCloseable {
    val relay = RelayProcess(createDirectories(folder.resolve("relay")))
    val framework: Framework = runBlocking {
        Kist.framework(folder.resolve("framework"), platform("operator")).create(
            PASSPHRASE,
            FrameworkProfile("Health Framework", "Framework Operator Ltd", "NTRGB-0001", "GB"),
        )
    }
    val clinic: Organisation = runBlocking {
        val clinic = Kist.organisation(folder.resolve("clinic"), platform("front desk")).create(PASSPHRASE, profile)
        val application = clinic.apply(application)
        val applied = Json.parseToJsonElement(Framework.readApplication(application)).jsonObject
        check("Riverside Clinic" in applied.getValue("organisation").toString())
        clinic.install(framework.admit(application))
        clinic.setRelay(relay.url)
        clinic
    }

    /** Where Alice keeps her store. */
    val home: Path = folder.resolve("alice")

    fun store(folder: String = "alice") = Kist.person(this.folder.resolve(folder), platform("Alice's phone"))

    override fun close() {
        clinic.close()
        framework.close()
        relay.close()
    }
}

private val profile = OrganisationProfile(
    legalName = "Riverside Clinic",
    organisationId = "NTRGB-1234",
    country = "GB",
    address = "1 Quay Street, Stromness",
    contact = "mailto:privacy@clinic.example",
    privacyNotice = "https://clinic.example/privacy",
    terms = organisationTermsOf("https://clinic.example/terms/3", "3", "the terms".toByteArray()),
    storage = listOf("GB"),
)

private val application = Json.parseToJsonElement(
    """{
      "contacts": ["mailto:privacy@clinic.example"],
      "supervisory_authority": { "name": "ICO", "uri": "https://ico.example/" },
      "privacy_policy": "https://clinic.example/privacy",
      "intended_uses": [{
        "intended_use_id": "care",
        "purpose": [{ "lang": "en", "value": "To register you as a patient" },
                    { "lang": "cy", "value": "I'ch cofrestru fel claf" }],
        "purpose_code": "dpv:ServiceProvision",
        "legal_basis": "eu-gdpr:A6-1-a",
        "credentials": [
          { "vct": "${Schemas.NAME}", "claims": [["given_name"], ["family_name"]] },
          { "vct": "${Schemas.BIRTH}", "claims": [["birthdate"]] },
          { "vct": "${Schemas.ADDRESS}", "claims": [["street_address"], ["locality"]] },
          { "vct": "${Schemas.PHONE}", "claims": [["phone_number"]] }
        ],
        "retention": "P2Y"
      }],
      "issues": ["${Schemas.VACCINATION}"],
      "terms": { "version": "1", "sha256": "${"x".repeat(43)}" }
    }""",
).jsonObject

/** Name, birth date and address are required, the telephone number isn't. */
val request = RequestSpec(
    useId = "care",
    fields = listOf(
        field("name", Schemas.NAME, true, "given_name", "family_name"),
        field("birth", Schemas.BIRTH, true, "birthdate"),
        field("home", Schemas.ADDRESS, true, "street_address", "locality"),
        field("phone", Schemas.PHONE, false, "phone_number"),
    ),
    validity = Validity.Standing,
    rights = Rights(read = true, deliver = true, update = false),
    lifetime = 10.minutes,
    language = "en",
)

private fun field(id: String, schema: String, required: Boolean, vararg claims: String) =
    FieldSpec(id, schema, claims.map { listOf(it) }, required)
