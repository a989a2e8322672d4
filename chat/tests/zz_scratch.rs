mod support;
use support::*;
#[tokio::test]
async fn talk() {
    let dialogues: Vec<Vec<&str>> = vec![
        vec!["hej", "tak for hjælpen"],
        vec!["er der åbent nu?", "jeg bor i Vejen", "hvad med hotlinen så?"],
        vec!["jeg har ikke mitid", "flytning", "Værløse", "nej undskyld, jeg mente Odense"],
        vec!["jeg har ikke nemid", "Furesø", "skift af læge"],
        vec!["Min mor på 84 har ikke MitID og skal søge boligstøtte, hun bor i Farum"],
        vec!["robinsonlisten uden mitid", "furesoe"],
        vec!["hvor langt er min sag om kontanthjælp?", "Furesø", "hvem kan jeg så ringe til?"],
        vec!["jeg vil gerne tale med et menneske"],
        vec!["hvad er vejret i morgen"],
        vec!["skal jeg have førtidspension?"],
        vec!["min nabo slår græs om søndagen"],
        vec!["han slår mig"],
        vec!["jeg skal melde flytning til Nykøbing og har ikke MitID", "Falster"],
        vec!["kan I hjælpe mig på tysk? Ich spreche nur Deutsch und habe kein MitID"],
        vec!["My wife has no MitID, she needs a new health card, we live in Lyngby"],
        vec!["010190-1234"],
        vec!["mit id virker ikke"],
        vec!["hvad koster et pas"],
        vec!["jeg har ikke mitid og vil gerne have det", "Hillerød"],
        vec!["jeg kan ikke finde ud af computeren, hvordan søger jeg folkepension", "Gentofte"],
        vec!["Jeg har ikke MitID og skal melde flytning", "hvornår er hotlinen åben?", "Furesø"],
    ];
    for (n, dialogue) in dialogues.into_iter().enumerate() {
        let house = House::new();
        let citizen = Citizen::new(&house);
        println!("\n######## {n}");
        for text in dialogue {
            let turn = citizen.writes(text).await;
            let r = &turn.reply;
            let buttons: Vec<_> = r.buttons.iter().map(|b| b.choice.clone()).collect();
            let p: String = r.plain().chars().take(420).collect();
            println!(">>> {text}\n{}{p}\n    {buttons:?} {}", r.notice.as_deref().map(|_| "[notice] ").unwrap_or(""), if r.card.is_some() {"CARD"} else {""});
        }
    }
}
