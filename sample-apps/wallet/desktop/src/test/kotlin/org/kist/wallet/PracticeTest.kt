package org.kist.wallet

import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.kist.Person
import org.kist.wallet.app.Wallet
import org.kist.wallet.ports.Ports
import org.kist.wallet.practice.PracticeClinic
import org.kist.wallet.practice.PracticeModel
import org.kist.wallet.world.TestDevice
import org.kist.wallet.world.onWallet
import java.time.Clock

/** Practising a consent before there is anything of one's own. */
class PracticeTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `j2 a consent is practised from the desk to the withdrawal, and nothing is made or kept`() {
        val device = TestDevice(folder.resolve("store"), Clock.systemUTC(), null, null)
        onWallet(device) {
            press("Practise first")
            sees("This is practice.")
            press("Start")
            isAt("At the desk")
            press("Scan this code")
            isAt("Make-believe Clinic asks")
            sees("Nothing leaves this device")
            sees("This is more than they should ask: E-mail address")
            press("Telephone number: +44 7700 900000")
            press("Share 3 things")
            isAt("Shared")
            press("See the receipt")
            sees("You and Make-believe Clinic have both signed.")
            sees("Telephone number")
            press("Change it or take it back")
            press("Yes, take it back")
            sees("You took this back. Make-believe Clinic has confirmed it.")
            press("Done")
            isAt("That was practice")
            press("Make my Kist")
            isAt("Choose a passphrase")
        }
        assertFalse(device.store().exists)
    }

    @Test
    fun `k5 no can be practised too`() {
        onWallet(TestDevice(folder.resolve("store"), Clock.systemUTC(), null, null)) {
            press("Practise first")
            press("Start")
            press("Scan this code")
            press("Say no")
            press("Yes, say no")
            isAt("You said no")
            press("Done")
            isAt("That was practice")
            press("Practise again")
            isAt("At the desk")
        }
    }

    @Test
    fun `nothing of the person's can get into the practice, since it is given none of it`() {
        val theirs = setOf(Person::class.java, Ports::class.java, Wallet::class.java)
        for (kind in listOf(PracticeClinic::class.java, PracticeModel::class.java)) {
            val given = kind.declaredConstructors.flatMap { it.parameterTypes.toList() } + kind.declaredFields.map { it.type }
            assertTrue(given.isNotEmpty())
            assertEquals(emptySet<Class<*>>(), given.toSet().intersect(theirs), "${kind.simpleName} is given what is the person's")
        }
    }
}
