//! Every question and every act that the schema has, read from the schema itself, with something in every argument.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::people::{Person, new_key};

/// The ids of one municipality's things, by what kind of thing they name.
pub(crate) type Ids = BTreeMap<&'static str, String>;

/// What kind of thing an id names, by the argument that takes it. An argument without a line here is a test that fails:
/// say what it names, so that another municipality's can be tried.
const KINDS: &[(&str, &str)] = &[
    ("caseId", "case"),
    ("ids", "case"),
    ("inquiryId", "inquiry"),
    ("staffId", "staff"),
    ("substituteId", "staff"),
    ("caseworkerId", "staff"),
    ("auditorId", "staff"),
    ("tokenId", "token"),
    ("webhookId", "webhook"),
    ("teamId", "team"),
    ("shareWithTeamId", "team"),
    ("viewId", "saved view"),
    ("teamIds", "team"),
    ("engagementId", "engagement"),
    ("toCaseId", "decided case"),
    ("otherCaseId", "decided case"),
    ("documentId", "document"),
    ("fileId", "document"),
    ("complaintId", "complaint"),
    ("accessRequestId", "access request"),
    ("exemptionId", "exemption"),
    ("subjectId", "subject"),
    ("subject", "subject"),
    ("serviceId", "service"),
];

/// The same for questions that answer one thing by its `id`.
const BY_ID: &[(&str, &str)] = &[
    ("case", "case"),
    ("node", "case"),
    ("caseHistory", "case"),
    ("inquiry", "inquiry"),
    ("complaint", "complaint"),
    ("accessRequest", "access request"),
    ("exemption", "exemption"),
    ("service", "service"),
    ("dataSubject", "subject"),
];

/// A field of the schema's root.
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) is_act: bool,
    text: String,
    /// The arguments of a question, or the fields of an act's input, with their types.
    arguments: Vec<(String, Value)>,
}

/// The schema as the server tells it.
pub(crate) struct SchemaOf {
    types: Vec<Value>,
}

/// A type under all the lists and bangs that the schema has.
const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";

impl SchemaOf {
    pub(crate) async fn ask(person: &Person) -> Self {
        let fields = format!("name args {{ name type {{ {TYPE} }} }} type {{ {TYPE} }}");
        let inputs = format!("inputFields {{ name type {{ {TYPE} }} }} enumValues {{ name }}");
        let question = format!("{{ __schema {{ types {{ name kind fields {{ {fields} }} {inputs} }} }} }}");
        let mut answer = person.ask(&question, json!({})).await;
        let Value::Array(types) = answer["__schema"]["types"].take() else { panic!("a schema has types") };
        Self { types }
    }

    fn find(&self, name: &str) -> &Value {
        self.types.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no type {name}"))
    }

    fn fields(&self, of: &str) -> &[Value] {
        self.find(of)["fields"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Every question, each asking for all it may be asked for a few levels deep, and every act.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let questions = self.fields("Query").iter().map(|field| self.question(field));
        let acts = self.fields("Mutation").iter().map(|field| self.act(field));
        questions.chain(acts).collect()
    }

    fn question(&self, field: &Value) -> Operation {
        let name = field["name"].as_str().unwrap().to_owned();
        let pairs = field["args"].as_array().unwrap().iter();
        let arguments: Vec<(String, Value)> = pairs
            .map(|argument| (argument["name"].as_str().unwrap().to_owned(), argument["type"].clone()))
            .filter(|(name, kind)| name != "after" && self.find(named(kind))["kind"] != "ENUM")
            .collect();
        let declared: Vec<_> =
            arguments.iter().map(|(name, kind)| format!("${name}: {}", written(kind))).collect();
        let passed: Vec<_> = arguments.iter().map(|(name, _)| format!("{name}: ${name}")).collect();
        let (head, call) = if declared.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("({})", declared.join(", ")), format!("({})", passed.join(", ")))
        };
        let selected = self.selection(named(&field["type"]), 4);
        let text = format!("query{head} {{ {name}{call} {selected} }}");
        Operation { name, is_act: false, text, arguments }
    }

    fn act(&self, field: &Value) -> Operation {
        let name = field["name"].as_str().unwrap().to_owned();
        let input = named(&field["args"][0]["type"]);
        let fields = self.find(input)["inputFields"].as_array().unwrap().iter();
        let arguments =
            fields.map(|field| (field["name"].as_str().unwrap().to_owned(), field["type"].clone()));
        let text = format!(
            "mutation($input: {input}!) {{ {name}(input: $input) {{ __typename
                ... on Refused {{ code message }} ... on Conflict {{ code }} }} }}"
        );
        Operation { name, is_act: true, text, arguments: arguments.collect() }
    }

    /// Everything that can be asked of a type without arguments, so many levels deep.
    fn selection(&self, name: &str, depth: usize) -> String {
        if name == "Personal" {
            return "{ ... on PersonalText { text } }".to_owned();
        }
        let found = self.find(name);
        let Some(fields) = found["fields"].as_array() else {
            return if found["kind"] == "UNION" { "{ __typename }".to_owned() } else { String::new() };
        };
        let mut selected = BTreeSet::from(["__typename".to_owned()]);
        for field in fields.iter().filter(|field| field["args"].as_array().is_some_and(Vec::is_empty)) {
            let (key, kind) = (field["name"].as_str().unwrap(), named(&field["type"]));
            let below = &self.find(kind)["kind"];
            if below == "SCALAR" || below == "ENUM" {
                selected.insert(key.to_owned());
            } else if depth > 1 {
                selected.insert(format!("{key} {}", self.selection(kind, depth - 1)));
            }
        }
        format!("{{ {} }}", selected.into_iter().collect::<Vec<_>>().join(" "))
    }

    /// Something for an argument of this type; ids come from `id`, by kind of thing.
    fn value(&self, field: &str, kind: &Value, of: &str, id: &mut dyn FnMut(&'static str) -> Value) -> Value {
        let required = kind["kind"] == "NON_NULL";
        match (field, named(kind)) {
            ("idempotencyKey", _) => json!(new_key()),
            ("id", _) => {
                let (_, kind) = BY_ID.iter().find(|(name, _)| *name == of).unwrap_or_else(|| {
                    panic!("say in operations.rs what the id of {of} names");
                });
                id(kind)
            }
            (field, "ID") => {
                let (_, thing) = KINDS.iter().find(|(name, _)| *name == field).unwrap_or_else(|| {
                    panic!("say in operations.rs what {field} (of {of}) names");
                });
                let one = id(thing);
                if is_list(kind) { json!([one]) } else { one }
            }
            ("first", _) => json!(100),
            ("kle", _) => json!("32"),
            ("facet", _) => json!("G01"),
            ("received", _) => json!("2024-02-01"),
            ("login", _) => json!(new_key()),
            (_, "Date") => json!("2099-12-31"),
            (_, "DateTime") => json!("2099-12-31T12:00:00Z"),
            (_, "Int") if required => json!(1),
            (_, "Boolean") if required => json!(true),
            (_, "String") if required => json!("Noget"),
            (_, name) => match self.find(name) {
                found if found["kind"] == "INPUT_OBJECT" => {
                    let fields = found["inputFields"].as_array().unwrap().iter();
                    let said = fields
                        .filter(|field| named(&field["type"]) == "ID" || field["type"]["kind"] == "NON_NULL");
                    let pairs = said.map(|field| {
                        let name = field["name"].as_str().unwrap();
                        (name.to_owned(), self.value(name, &field["type"], of, id))
                    });
                    Value::Object(pairs.collect())
                }
                found if found["kind"] == "ENUM" && required => found["enumValues"][0]["name"].clone(),
                _ => Value::Null,
            },
        }
    }

    /// The variables of an operation; the nth id in it comes from `pick(n)`. And how many ids there are.
    pub(crate) fn variables<'a>(
        &self,
        operation: &Operation,
        pick: impl Fn(usize) -> &'a Ids,
    ) -> (Value, usize) {
        let mut ids = 0;
        let mut id = |kind: &'static str| {
            ids += 1;
            json!(pick(ids - 1)[kind])
        };
        let mut pairs = Map::new();
        for (name, kind) in &operation.arguments {
            let value = self.value(name, kind, &operation.name, &mut id);
            if !value.is_null() {
                pairs.insert(name.clone(), value);
            }
        }
        let pairs = Value::Object(pairs);
        (if operation.is_act { json!({ "input": pairs }) } else { pairs }, ids)
    }
}

/// What came of an operation.
pub(crate) struct Outcome {
    pub(crate) response: Value,
    /// The code of a refusal or an error.
    pub(crate) code: Option<String>,
    /// Whether there is data, and no refusal.
    pub(crate) succeeded: bool,
}

impl Operation {
    pub(crate) async fn carried_out_by(&self, person: &Person, variables: &Value) -> Outcome {
        let response = person.gql(&self.text, variables.clone()).await;
        let answer = &response["data"][self.name.as_str()];
        let error = response["errors"][0]["extensions"]["code"].as_str();
        let code = if self.is_act { answer["code"].as_str().or(error) } else { error };
        assert!(code.is_some() || response["errors"].is_null(), "a fault: {}: {response}", self.text);
        let (code, succeeded) = (code.map(str::to_owned), code.is_none() && !answer.is_null());
        Outcome { response, code, succeeded }
    }
}

/// How many questions a request asked the views, as its answer says.
pub(crate) async fn cost(person: &Person, query: &str, variables: &Value) -> u64 {
    let mut least = u64::MAX;
    // What loaders gather within a millisecond is one question: on a busy machine one gathering may become two.
    for _ in 0..3 {
        let answer = Person::send(person.graphql(query, variables)).await;
        let timing = answer.headers["server-timing"].to_str().unwrap();
        let questions =
            timing.strip_prefix("views;desc=\"").and_then(|rest| rest.strip_suffix(" questions\""));
        let questions = questions.and_then(|number| number.parse().ok());
        least = least.min(questions.unwrap_or_else(|| panic!("{timing}")));
    }
    least
}

impl Operation {
    /// How many questions it asks the views.
    pub(crate) async fn cost(&self, person: &Person, variables: &Value) -> u64 {
        cost(person, &self.text, variables).await
    }
}

/// The type under all lists and bangs.
fn named(kind: &Value) -> &str {
    match kind["name"].as_str() {
        Some(name) => name,
        None if kind["ofType"].is_null() => panic!("more lists than were asked about: {kind}"),
        None => named(&kind["ofType"]),
    }
}

fn is_list(kind: &Value) -> bool {
    kind["kind"] == "LIST" || (kind["kind"] == "NON_NULL" && kind["ofType"]["kind"] == "LIST")
}

/// `ID!`, `String`: as it stands in a variable's declaration.
fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => named(kind).to_owned(),
    }
}
