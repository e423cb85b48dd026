package org.kist

import java.io.File
import java.nio.file.Files.createDirectories
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertTrue
import org.kist.generated.Failure

const val PASSPHRASE = "a passphrase of some length"

/** The real relay, on a port of its own; stopped and started again it keeps its address. */
class RelayProcess(val data: Path, private vararg val options: String) : AutoCloseable {
    private var process = start("127.0.0.1:0")
    private val address = listening()
    val url = "http://$address"

    private fun start(listen: String): Process {
        val program = File(System.getProperty("kist.target"), "kist-relay").path
        return ProcessBuilder(program, "--data", data.toString(), "--listen", listen, "--no-rate-limit", *options)
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

/** What the core says of a full disk, for tests that can't fill one. */
fun diskFull(): KistException = KistException.Storage(Failure("StorageFull", emptyList(), true))

fun body(vararg members: Pair<String, String>): JsonObject =
    JsonObject(members.associate { (name, value) -> name to JsonPrimitive(value) })

/** A framework's operator and a clinic that it admitted. */
class World(private val folder: Path, vararg relayOptions: String) : AutoCloseable {
    private val members = mutableListOf<Organisation>()
    val relay = RelayProcess(createDirectories(folder.resolve("relay")), *relayOptions)
    val framework: Framework = runBlocking {
        Kist.framework(folder.resolve("framework"), platform("operator")).create(
            PASSPHRASE,
            FrameworkProfile("Health Framework", "Framework Operator Ltd", "NTRGB-0001", "GB"),
        )
    }
    val clinic: Organisation = runBlocking { admit(clinicMember) }

    /** Where Alice keeps her store. */
    val home: Path = folder.resolve("alice")

    fun store(folder: String = "alice") = Kist.person(this.folder.resolve(folder), platform("Alice's phone"))

    /** An organisation that the framework has admitted; the next list names it. */
    suspend fun admit(member: Member): Organisation {
        val place = folder.resolve(member.id)
        val organisation = Kist.organisation(place, platform("front desk")).create(PASSPHRASE, member.profile())
        members.add(organisation)
        val application = organisation.apply(member.application())
        val applied = Json.parseToJsonElement(Framework.readApplication(application)).jsonObject
        check(member.name in applied.getValue("organisation").toString())
        organisation.install(framework.admit(application))
        organisation.setRelay(relay.url)
        return organisation
    }

    /** Switches an organisation off. */
    fun close(organisation: Organisation) {
        members.remove(organisation)
        organisation.close()
    }

    /** Switches an organisation on again. */
    suspend fun reopen(member: Member): Organisation {
        val organisation = Kist.organisation(folder.resolve(member.id), platform("front desk")).open(PASSPHRASE)
        members.add(organisation)
        return organisation
    }

    /** Alice with what the clinic needs of her, who believes the framework. */
    suspend fun alice(): Person {
        val alice = store().create(PASSPHRASE)
        alice.trust.addAnchor(framework.publish(validDays = 30))
        alice.setRelay(relay.url)
        alice.records.add(Schemas.NAME, body("given_name" to "Alice", "family_name" to "Archer"))
        alice.records.add(Schemas.BIRTH, body("birthdate" to "1990-04-01"))
        alice.records.add(Schemas.ADDRESS, body("street_address" to "7 Larch Lane", "locality" to "Stromness"))
        return alice
    }

    override fun close() {
        members.forEach(Organisation::close)
        framework.close()
        relay.close()
    }
}

/** An organisation with the claims that it may ask for, by schema, and the schemas that it may issue. */
class Member(val name: String, val id: String, val asks: Map<String, List<String>>, val issues: List<String> = listOf()) {
    private val site = "https://${id.lowercase()}.example"

    fun profile() = OrganisationProfile(
        legalName = name,
        organisationId = id,
        country = "GB",
        address = "1 Quay Street, Stromness",
        contact = "mailto:privacy@clinic.example",
        privacyNotice = "$site/privacy",
        terms = organisationTermsOf("$site/terms/3", "3", "the terms of $name".toByteArray()),
        storage = listOf("GB"),
    )

    fun application(): JsonObject {
        val credentials = asks.map { (schema, claims) ->
            """{ "vct": "$schema", "claims": ${claims.map { """["$it"]""" }} }"""
        }
        return Json.parseToJsonElement(
            """{
              "contacts": ["mailto:privacy@clinic.example"],
              "supervisory_authority": { "name": "ICO", "uri": "https://ico.example/" },
              "privacy_policy": "$site/privacy",
              "intended_uses": [{
                "intended_use_id": "care",
                "purpose": [{ "lang": "en", "value": "To register you as a patient" },
                            { "lang": "cy", "value": "I'ch cofrestru fel claf" }],
                "purpose_code": "dpv:ServiceProvision",
                "legal_basis": "eu-gdpr:A6-1-a",
                "credentials": $credentials,
                "retention": "P2Y"
              }],
              "issues": ${issues.map { "\"$it\"" }},
              "terms": { "version": "1", "sha256": "${"x".repeat(43)}" }
            }""",
        ).jsonObject
    }
}

/** The clinic may ask for what [request] does. */
val clinicMember: Member by lazy {
    val asks = request.fields.associate { it.schema to it.claims.map { claim -> claim.single() } }
    Member("Riverside Clinic", "NTRGB-1234", asks, listOf(Schemas.VACCINATION))
}

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

/** What [organisation] asks for beneath the one use that each has registered. */
suspend fun ask(organisation: Organisation, vararg fields: FieldSpec): HostedRequest =
    organisation.requests.create(request.copy(fields = fields.toList()))

/** Alice gives what is required and no more; gives the agreement. */
suspend fun share(
    alice: Person,
    organisation: Organisation,
    vararg fields: FieldSpec,
    rights: Rights = request.rights,
): String {
    val hosted = organisation.requests.create(request.copy(fields = fields.toList(), rights = rights))
    val open = alice.requests.open(hosted.uri)
    alice.requests.answer(open.id, open.required)
    val answer = checkNotNull(organisation.requests.collect(hosted.id, wait = 10.seconds))
    alice.inbox.refresh()
    return checkNotNull(answer.agreement)
}

fun field(id: String, schema: String, required: Boolean, vararg claims: String) =
    FieldSpec(id, schema, claims.map { listOf(it) }, required)
