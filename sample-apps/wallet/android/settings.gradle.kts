pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        // The SDK, which `mvn -f sdk-kotlin/pom.xml -DskipTests install` puts there.
        mavenLocal { content { includeGroup("org.kist") } }
        google()
        mavenCentral()
    }
}

rootProject.name = "kist-wallet"
