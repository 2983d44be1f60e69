<?php

declare(strict_types=1);

// The upload page.
return [
    'Drop a folder or files here' => 'Ordner oder Dateien hierher ziehen',
    'Choose a folder' => 'Ordner wählen',
    'Choose files' => 'Dateien wählen',
    'Upload and stack' => 'Hochladen und stacken',
    'Without JavaScript at most {n} files go up at a time.' => 'Ohne JavaScript gehen höchstens {n} Dateien auf einmal.',
    'The raw <code>Light_….fit</code> frames as the telescope wrote them, at most {size} each. Frames of one field are stacked in chunks of {minutes} minutes.' => 'Die rohen <code>Light_….fit</code>-Dateien, wie das Teleskop sie geschrieben hat, höchstens je {size}. Subs eines Feldes werden in Abschnitten von {minutes} Minuten gestackt.',
    'You have {left} left of {quota} for raw subs. A sub leaves the site {hours} hours after its stack is stored, and makes room then.' => 'Du hast noch {left} von {quota} für Roh-Subs. Ein Sub wird {hours} Stunden nach dem Speichern seines Stacks gelöscht und macht dann Platz.',
    'Choose the same folder once more: what has arrived is recognised, and only what is missing is sent.' => 'Wähle denselben Ordner noch einmal: Was angekommen ist, wird erkannt, und nur der Rest wird gesendet.',
    'Among these subs are some with local times of an unknown time zone. <a href="account.php#zones" target="_blank">Set the telescope’s time zone</a> before they are stacked: without it their stacks have no times in UTC.' => 'Unter diesen Subs sind welche mit Ortszeit einer unbekannten Zeitzone. <a href="account.php#zones" target="_blank">Gib die Zeitzone des Teleskops an</a>, bevor sie gestackt werden: Ohne sie haben ihre Stacks keine Zeiten in UTC.',
    'How much has arrived' => 'Wie viel angekommen ist',
    'Stack these subs' => 'Diese Subs stacken',
    'Pause' => 'Pause',
    'Discard…' => 'Verwerfen …',
    'What was found' => 'Was gefunden wurde',
    'How many files were looked at' => 'Wie viele Dateien angesehen wurden',
    'Before anything is sent' => 'Bevor etwas gesendet wird',
    'Chunks' => 'Abschnitte',
    'Where your telescope stood' => 'Wo dein Teleskop stand',
    'Many telescopes write their position into every sub. It is kept out of your stacks and from the workers of volunteers, unless you allow it for a telescope. Your choice is remembered.' => 'Viele Teleskope schreiben ihren Standort in jeden Sub. Er kommt nicht in deine Stacks und nicht zu Workern von Freiwilligen, außer du erlaubst es für ein Teleskop. Deine Wahl wird gemerkt.',
    'Whoever works on my subs may read the position of:' => 'Wer an meinen Subs arbeitet, darf den Standort lesen von:',
    'Put away' => 'Weglegen',
    'Files' => 'Dateien',
    'Which files are shown' => 'Welche Dateien gezeigt werden',
    'All' => 'Alle',
    'Received' => 'Angekommen',
    'No, wait' => 'Nein, warten',
    '{n} sub ({size}) of <a href="{address}">Upload {id}</a> has arrived and waits, since {when}.' => '{n} Sub ({size}) von <a href="{address}">Upload {id}</a> ist angekommen und wartet, seit {when}.',
    '{n} subs ({size}) of <a href="{address}">Upload {id}</a> have arrived and wait, since {when}.' => '{n} Subs ({size}) von <a href="{address}">Upload {id}</a> sind angekommen und warten, seit {when}.',
    'Go on with this upload' => 'Mit diesem Upload weitermachen',
    'The subs that have arrived are deleted from the site. Nothing is stacked.' => 'Die angekommenen Subs werden hier gelöscht. Nichts wird gestackt.',
];
