# One crate of enums: -v kind=plain|hand|serde|derive|both|self -v enums=N
#
# The ten variants of each are of the kinds that real streams have: a unit, two single values, seven objects.

BEGIN {
    print "#![allow(dead_code)]"
    ours = kind == "derive" || kind == "both" || kind == "self"
    serdes = kind == "serde" || kind == "both" || kind == "self"
    if (ours) print "use typed_sse::SseEvent;"
    if (serdes) print "use serde::Serialize;"
    if (kind == "hand") {
        print "use serde::ser::{Serialize, SerializeStruct, Serializer};"
        print "use typed_sse::{Catalogue, EncodeError, Encoded, Encoder, Entry, EventSpec, EventType, SseEvent};"
    }
    for (e = 0; e < enums; e++) {
        type(e)
        if (kind == "hand") by_hand(e)
    }
}

function type(e, v) {
    print ""
    if (ours) print "#[derive(SseEvent)]"
    if (serdes) print "#[derive(Serialize)]"
    if (kind == "self") print "#[sse(data = self)]"
    print "pub enum Stream" e " {"
    for (v = 0; v < 10; v++) {
        if (v == 0) print "    Started,"
        else if (v < 3) print "    Value" v "(u64),"
        else {
            id = ours ? "#[sse(id)] " : ""
            print "    Changed" v " { " id "seq: u64, symbol: String, price: f64, note: Option<String> },"
        }
    }
    print "}"
}

function by_hand(e, v) {
    print "\nimpl Serialize for Stream" e " {"
    print "    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {"
    print "        match self {"
    print "            Self::Started => serializer.serialize_unit(),"
    for (v = 1; v < 3; v++) print "            Self::Value" v "(value) => value.serialize(serializer),"
    for (v = 3; v < 10; v++) {
        print "            Self::Changed" v " { seq, symbol, price, note } => {"
        print "                let mut object = serializer.serialize_struct(\"Changed" v "\", 4)?;"
        print "                object.serialize_field(\"seq\", seq)?;"
        print "                object.serialize_field(\"symbol\", symbol)?;"
        print "                object.serialize_field(\"price\", price)?;"
        print "                object.serialize_field(\"note\", note)?;"
        print "                object.end()"
        print "            }"
    }
    print "        }\n    }\n}"
    print "\nimpl SseEvent for Stream" e " {"
    print "    const EVENTS: Catalogue = Catalogue::new(&["
    print "        Entry::Event(EventSpec::new(\"started\")),"
    for (v = 1; v < 10; v++)
        print "        Entry::Event(EventSpec::new(\"" (v < 3 ? "value" : "changed") v "\")),"
    print "    ]);"
    print "\n    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {"
    print "        match self {"
    for (v = 0; v < 10; v++) {
        pattern = v == 0 ? "Started" : v < 3 ? "Value" v "(_)" : "Changed" v " { seq, .. }"
        name = v == 0 ? "started" : v < 3 ? "value" v : "changed" v
        id = v < 3 ? "" : ".id(seq)?"
        print "            Self::" pattern " => {"
        print "                static TYPE: EventType = EventType::from_static(\"" name "\");"
        print "                encoder.event_type(&TYPE)?" id ".json(self)"
        print "            }"
    }
    print "        }\n    }\n}"
}
