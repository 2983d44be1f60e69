<?php

declare(strict_types=1);

// The page for those who lend a computer.
return [
    'An admin has declined your wish for a key.' => 'Ein Admin hat deine Bitte um einen Schlüssel abgelehnt.',
    'Ask for a key' => 'Schlüssel anfordern',
    'Confirmed in a row' => 'In Folge bestätigt',
    'Done' => 'Erledigt',
    'Every night has thousands of exposures to align, combine and measure. Your computer can do some of it while you do not need it: a small program asks this site for a chunk of subs, stacks it, sends the result back and asks for the next. It needs about 1.5 GB of memory for each job and no graphics card.' => 'Jede Nacht bringt Tausende Aufnahmen, die ausgerichtet, gestackt und gemessen werden. Dein Rechner kann einen Teil davon übernehmen, während du ihn nicht brauchst: Ein kleines Programm holt sich von dieser Seite einen Abschnitt Subs, stackt ihn, schickt das Ergebnis zurück und holt den nächsten. Es braucht etwa 1,5 GB Speicher je Auftrag und keine Grafikkarte.',
    'Failed' => 'Fehlgeschlagen',
    'Help with your computer' => 'Mit deinem Rechner helfen',
    'Hours of work' => 'Stunden Arbeit',
    'Log in to ask for a key' => 'Melde dich an, um einen Schlüssel zu bekommen',
    'Make my key' => 'Meinen Schlüssel anlegen',
    'Make your key' => 'Leg deinen Schlüssel an',
    'Revoke my key' => 'Meinen Schlüssel widerrufen',
    'Stacks in the archive' => 'Stacks im Archiv',
    'Start your worker' => 'Starte deinen Worker',
    'Subs in them' => 'Subs darin',
    'The key is revoked; workers with it get no more jobs.' => 'Der Schlüssel ist widerrufen; Worker mit ihm bekommen keine Aufträge mehr.',
    'This is your key. It is shown this once; whoever has it can work in your name.' => 'Das ist dein Schlüssel. Er wird nur dieses eine Mal gezeigt; wer ihn hat, kann in deinem Namen arbeiten.',
    'This site gives no keys to volunteers by itself; write to its operator.' => 'Freiwillige bekommen hier nicht von selbst einen Schlüssel; schreib dem Betreiber.',
    'Type these three lines in the folder of the CrowdSky program; its README says how to get it.' => 'Gib diese drei Zeilen im Ordner des Programms CrowdSky ein; wie du es bekommst, steht in seiner README.',
    'Version' => 'Version',
    'Waiting for a second opinion' => 'Warten auf eine zweite Meinung',
    'What would you like the operator to know?' => 'Was soll der Betreiber wissen?',
    'What you have given' => 'Was du beigetragen hast',
    'You asked for a key on {time}. An admin will look at it; this page then lets you make the key.' => 'Du hast am {time} einen Schlüssel angefordert. Ein Admin sieht sich das an; danach kannst du ihn auf dieser Seite anlegen.',
    'You get the subs without the place they were taken at. Your first {n} results count when another worker agrees with them.' => 'Du bekommst die Subs ohne den Ort, an dem sie entstanden. Deine ersten {n} Ergebnisse zählen, wenn ein anderer Worker dasselbe findet.',
    'Your key gets no work since {time}: {reason}. An admin has to look at it.' => 'Dein Schlüssel bekommt seit {time} keine Arbeit: {reason}. Ein Admin muss sich das ansehen.',
    'Your workers' => 'Deine Worker',
];
