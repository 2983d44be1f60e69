<?php

declare(strict_types=1);

// What admins have to put right, and the details of what happened to jobs.
return [
    'anybody can fetch what the site stores, its database and secret too, because the web server ignores the .htaccess in data_dir; move data_dir out of the web root, or allow .htaccess there (AllowOverride AuthConfig FileInfo)'
        => 'Jeder kann abrufen, was hier gespeichert ist, auch die Datenbank und das Geheimnis, weil der Webserver die .htaccess in data_dir nicht beachtet; leg data_dir außerhalb des Web-Ordners an, oder erlaube .htaccess dort (AllowOverride AuthConfig FileInfo)',
    "{finding}. No stack is deleted or moved until this is settled; see 'Custody of the storage' in docs/operations.md"
        => '{finding}. Kein Stack wird gelöscht oder verschoben, bis das geklärt ist; siehe „Custody of the storage“ in docs/operations.md',
    'the storage is in the custody of another site; give every site a storage_base of its own' => 'Das Archiv gehört zu einer anderen Installation; gib jeder ein eigenes storage_base',
    'another copy of this database has used the storage since; this one was restored from a backup or cloned'
        => 'Eine andere Kopie dieser Datenbank hat das Archiv seitdem benutzt; diese wurde aus einer Sicherung geholt oder geklont',
    "this site's mark is missing from the storage; the storage was replaced, restored or is not mounted"
        => 'Die Marke dieser Installation fehlt im Archiv; es wurde ersetzt, aus einer Sicherung geholt oder ist nicht eingehängt',
    'the data folder is not the one of this database, which was copied or moved to this host; see also the check host'
        => 'Der Datenordner gehört nicht zu dieser Datenbank, die auf diesen Rechner kopiert oder verschoben wurde; siehe auch die Prüfung host',
    'cleanup deletes nothing by its age: {why}' => 'Das Aufräumen löscht nichts wegen seines Alters: {why}',
    '{n} subs' => '{n} Subs',
    '{n} sub' => '{n} Sub',
    '{n} raw frames' => '{n} Roh-Subs',
    'uploaded stack {name}' => 'hochgeladener Stack {name}',
    'rescan of stack {id}' => 'Nachmessung von Stack {id}',
    'series of {seconds} s of stack {id}' => 'Serie von {seconds} s von Stack {id}',
    'that of worker {name}: {finding}' => 'das von Worker {name}: {finding}',
    'that of worker {name}' => 'das von Worker {name}',
    '{n} to {other}' => '{n} → {other}',
    'waits for a second opinion' => 'wartet auf eine zweite Meinung',
    'was {state}' => 'war {state}',
    '{n} frames combined' => '{n} Subs vereint',
    '{n} frame combined' => '{n} Sub vereint',
];
