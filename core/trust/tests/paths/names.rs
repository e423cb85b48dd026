//! Cases of name constraints.

use super::*;

pub(crate) fn name_constraints() -> Vec<Case> {
    use Reason::*;
    let clinic = || named(&[dns("desk.clinic.example")]);
    let permitted = |names: &[Vec<u8>]| constrained(names, &[]);
    let excluded = |names: &[Vec<u8>]| constrained(&[], names);
    let organisation = |text| directory(&partial_name(Some(text)));
    vec![
        case(
            "permitted DNS name",
            OK,
            chain(&[&clinic(), &permitted(&[dns("clinic.example")])]),
        ),
        case(
            "permitted DNS name, the same",
            OK,
            chain(&[&clinic(), &permitted(&[dns("desk.clinic.example")])]),
        ),
        case(
            "permitted DNS name in other letters",
            OK,
            chain(&[
                &named(&[dns("Desk.Clinic.EXAMPLE")]),
                &permitted(&[dns("clinic.example")]),
            ]),
        ),
        case(
            "one of two permitted",
            OK,
            chain(&[&clinic(), &permitted(&[dns("other.example"), dns("clinic.example")])]),
        ),
        case(
            "DNS name outside",
            no(NameNotPermitted),
            chain(&[&clinic(), &permitted(&[dns("other.example")])]),
        ),
        case(
            "DNS name that ends alike",
            no(NameNotPermitted),
            chain(&[&named(&[dns("myclinic.example")]), &permitted(&[dns("clinic.example")])]),
        ),
        case("second DNS name outside", no(NameNotPermitted), {
            let two = named(&[dns("clinic.example"), dns("other.example")]);
            chain(&[&two, &permitted(&[dns("clinic.example")])])
        }),
        case(
            "no DNS name at all",
            OK,
            chain(&[&leaf(), &permitted(&[dns("clinic.example")])]),
        ),
        case(
            "excluded DNS name",
            no(NameNotPermitted),
            chain(&[&clinic(), &excluded(&[dns("clinic.example")])]),
        ),
        case(
            "excluded in other letters",
            no(NameNotPermitted),
            chain(&[&clinic(), &excluded(&[dns("CLINIC.example")])]),
        ),
        case(
            "another name is excluded",
            OK,
            chain(&[&clinic(), &excluded(&[dns("other.example")])]),
        ),
        case("permitted, and excluded within", no(NameNotPermitted), {
            let both = constrained(&[dns("clinic.example")], &[dns("desk.clinic.example")]);
            chain(&[&clinic(), &both])
        }),
        case("constraints narrow down the path", no(NameNotPermitted), {
            let lower = Spec::authority("Lower", 3);
            let wider = lower.with(NAME_CONSTRAINTS, true, &constraints(&[dns("example")], &[]));
            chain(&[&clinic(), &wider, &permitted(&[dns("other.example")])])
        }),
        case("constraints that are not critical count", no(NameNotPermitted), {
            let loose = middle().with(NAME_CONSTRAINTS, false, &constraints(&[dns("other.example")], &[]));
            chain(&[&clinic(), &loose])
        }),
        case(
            "permitted directory name",
            OK,
            chain(&[&leaf(), &permitted(&[organisation("Riverside Clinic")])]),
        ),
        case(
            "permitted directory name in other letters",
            OK,
            chain(&[&leaf(), &permitted(&[organisation("RIVERSIDE  clinic ")])]),
        ),
        case(
            "directory name outside",
            no(NameNotPermitted),
            chain(&[&leaf(), &permitted(&[organisation("Harbour Clinic")])]),
        ),
        case(
            "directory name above",
            OK,
            chain(&[&leaf(), &permitted(&[directory(&partial_name(None))])]),
        ),
        case(
            "excluded directory name in other letters",
            no(NameNotPermitted),
            chain(&[&leaf(), &excluded(&[organisation("riverside clinic")])]),
        ),
        case("directory name among the alternatives", no(NameNotPermitted), {
            let alternative = named(&[directory(&name("Harbour Clinic", "NTRGB-1", "x"))]);
            chain(&[&alternative, &permitted(&[organisation("Riverside Clinic")])])
        }),
        case("a rollover is not constrained", OK, {
            let rollover = Spec::authority("Middle", 4).identified(4, 2);
            let only_clinic = permitted(&[organisation("Riverside Clinic")]);
            chain(&[&leaf().identified(9, 4), &rollover, &only_clinic.identified(2, 1)])
        }),
        case("an authority beneath is constrained", no(NameNotPermitted), {
            let only_clinic = permitted(&[organisation("Riverside Clinic")]);
            chain(&[&leaf(), &Spec::authority("Lower", 3), &only_clinic])
        }),
        case(
            "a constraint on addresses is not understood",
            no(CertificateUnsupported),
            chain(&[&clinic(), &permitted(&[address(&[10, 0, 0, 0, 255, 0, 0, 0])])]),
        ),
        case(
            "a constraint on mail is not understood",
            no(CertificateUnsupported),
            chain(&[&clinic(), &excluded(&[mail("clinic.example")])]),
        ),
        case(
            "a DNS constraint with a leading dot",
            no(CertificateMalformed),
            chain(&[&clinic(), &permitted(&[dns(".clinic.example")])]),
        ),
        case(
            "a DNS constraint with a wildcard",
            no(CertificateMalformed),
            chain(&[&clinic(), &permitted(&[dns("*.clinic.example")])]),
        ),
        case(
            "constraints of nothing",
            no(CertificateMalformed),
            chain(&[&clinic(), &constrained(&[], &[])]),
        ),
        case(
            "constraints in a leaf",
            no(CertificateMalformed),
            chain(&[&leaf().with(NAME_CONSTRAINTS, true, &constraints(&[dns("clinic.example")], &[]))]),
        ),
        case("a constraint with a distance", no(CertificateUnsupported), {
            let tree = sequence(&[&dns("clinic.example"), &[0x80, 1, 1]]);
            let distant = sequence(&[&wrap(0xa0, &tree)]);
            chain(&[&clinic(), &middle().with(NAME_CONSTRAINTS, true, &distant)])
        }),
        case("many names and many constraints", no(CertificateUnsupported), {
            let names: Vec<Vec<u8>> = (0..200).map(|number| dns(&format!("n{number}.example"))).collect();
            chain(&[&named(&names), &permitted(&names)])
        }),
    ]
}
