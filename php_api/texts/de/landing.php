<?php

declare(strict_types=1);

// The front page.
return [
    'A home for your telescope’s nights' => 'Ein Zuhause für die Nächte deines Teleskops',
    'CrowdSky stacks the raw subs of small smart telescopes, {minutes} minutes at a time, measures every star in them and keeps it all. Owners have their nights in order; whoever has an account can see how bright a star was, night after night.'
        => 'CrowdSky stackt die Roh-Subs kleiner Smart-Teleskope, je {minutes} Minuten zusammen, misst jeden Stern darin und bewahrt alles auf. Wer beobachtet, hat seine Nächte geordnet; und wer ein Konto hat, kann sehen, wie hell ein Stern war, Nacht für Nacht.',
    'Create an account' => 'Konto anlegen',
    'Measured, not drawn: the brightest of {n} stars in <a href="stack.php?id={id}">{object}</a>.'
        => 'Gemessen, nicht gemalt: die hellsten von {n} Sternen in <a href="stack.php?id={id}">{object}</a>.',
    'public stack' => 'öffentlicher Stack',
    'public stacks' => 'öffentliche Stacks',
    'hours of starlight' => 'Stunden Sternenlicht',
    'subs combined' => 'gestackte Subs',
    'place in the sky' => 'Ort am Himmel',
    'places in the sky' => 'Orte am Himmel',
    'telescope owner' => 'Teleskop-Besitzer',
    'telescope owners' => 'Teleskop-Besitzer',
    'Latest pictures' => 'Neueste Bilder',
    'All public stacks' => 'Alle öffentlichen Stacks',
    'Licence: {licence}' => 'Lizenz: {licence}',
    'The sky, with what has been observed of it' => 'Der Himmel und was davon beobachtet ist',
    'Stars measured in {object}' => 'In {object} gemessene Sterne',
    'Every dot is a place with public stacks, larger from one hour and from ten hours of light. The band is the Milky Way; right ascension 12 h is in the middle, east on the left.'
        => 'Jeder Punkt ist ein Ort mit öffentlichen Stacks, größer ab einer und ab zehn Stunden Licht. Das Band ist die Milchstraße; Rektaszension 12 h liegt in der Mitte, Osten links.',
    'Ways in' => 'Einstieg',
    'You have a smart telescope' => 'Du hast ein Smart-Teleskop',
    'Choose the single <code>Light_….fit</code> frames of a night. They are checked, sorted by object and stacked; what is in the picture and how bright its stars are comes with it. You decide which stacks are public.'
        => 'Wähle die einzelnen <code>Light_….fit</code>-Aufnahmen einer Nacht. Sie werden geprüft, nach Objekten sortiert und gestackt; was im Bild ist und wie hell seine Sterne sind, steht gleich dabei. Du entscheidest, welche Stacks öffentlich sind.',
    'Log in and bring a night' => 'Anmelden und eine Nacht hochladen',
    'Bring a night' => 'Eine Nacht hochladen',
    'You do science' => 'Du forschst',
    'Every stack is solved and measured on one scale: light curves, star lists and pictures by position, time and object, over the web, by scripts and by the Virtual Observatory.'
        => 'Jeder Stack ist gelöst und auf einer gemeinsamen Skala gemessen: Lichtkurven, Sternlisten und Bilder nach Ort, Zeit und Objekt, im Browser, mit Skripten und über das Virtual Observatory.',
    'Open to everybody: pictures and facts of public stacks, and the sky that they cover. With an account: their FITS files, star lists and light curves.'
        => 'Offen für alle: Bilder und Angaben öffentlicher Stacks und welchen Teil des Himmels sie zeigen. Mit Konto: ihre FITS-Dateien, Sternlisten und Lichtkurven.',
    'Look at public stacks' => 'Öffentliche Stacks ansehen',
    'Log in and look at variable stars' => 'Anmelden und veränderliche Sterne ansehen',
    'Look at variable stars' => 'Veränderliche Sterne ansehen',
    'You have a computer to spare' => 'Du hast einen Rechner übrig',
    'Workers stack for others while you do something else. They need no open port and may come and go at any time.'
        => 'Worker stacken für andere, während du etwas anderes tust. Sie brauchen keinen offenen Port und dürfen jederzeit kommen und gehen.',
    'Lend a hand' => 'Mithelfen',
    'How it works' => 'So geht es',
    'Stack and measure' => 'Stacken und messen',
    'Keep' => 'Aufbewahren',
    'Each sub is checked when it arrives, and a bad file never holds up the others.'
        => 'Jeder Sub wird bei der Ankunft geprüft, und eine kaputte Datei hält die anderen nicht auf.',
    'Subs of the same field, filter and exposure are grouped into chunks of {minutes} minutes. Workers align and combine them, find out where the stack points and measure its stars.'
        => 'Subs desselben Feldes, Filters und derselben Belichtung werden zu Abschnitten von {minutes} Minuten zusammengefasst. Worker richten sie aus, stacken sie, bestimmen, wohin der Stack zeigt, und messen seine Sterne.',
    'Look at your stacks, with what is in the field, and download them whenever you like. Raw subs are removed only once their stack is proven to be stored.'
        => 'Sieh dir deine Stacks an, mit dem, was im Feld ist, und lade sie, wann du willst. Roh-Subs werden erst entfernt, wenn ihr Stack nachweislich gespeichert ist.',
];
