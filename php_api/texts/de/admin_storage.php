<?php

declare(strict_types=1);

// What the site keeps.
return [
    'A job waits or runs' => 'Ein Auftrag wartet oder läuft',
    'Archive by kind' => 'Archiv nach Art',
    'Disk of the data folder' => 'Platte des Datenordners',
    'How full the disk is cannot be found out on this host.' => 'Wie voll die Platte ist, lässt sich auf diesem Rechner nicht herausfinden.',
    'Light curves (HATS)' => 'Lichtkurven (HATS)',
    'Limit' => 'Grenze',
    'Lists of stars' => 'Listen von Sternen',
    'Owners and telescopes with the most are listed, at most 50 of each.' => 'Aufgeführt sind die Besitzer und Teleskope mit dem meisten, jeweils höchstens 50.',
    'Pictures of stacks' => 'Bilder der Stacks',
    'Sky tiles (HiPS)' => 'Himmelskacheln (HiPS)',
    'Stacked' => 'Gestackt',
    'Stacks by owner' => 'Stacks nach Besitzer',
    'Stacks by telescope' => 'Stacks nach Teleskop',
    'Subs by owner' => 'Subs nach Besitzer',
    'The archive lies in a WebDAV share; how much room is left there is not known.'
        => 'Das Archiv liegt in einer WebDAV-Freigabe; wie viel Platz dort noch ist, ist nicht bekannt.',
    'The job failed or was cancelled' => 'Der Auftrag ist fehlgeschlagen oder wurde abgebrochen',
    'Until' => 'Bis',
    'Uploaded, not yet in a job' => 'Hochgeladen, noch in keinem Auftrag',
    'Used' => 'Belegt',
    'Why' => 'Warum',
    'a telescope without a public name' => 'ein Teleskop ohne öffentlichen Namen',
    'as long as the job may still run' => 'solange der Auftrag noch laufen kann',
    'due since {first}; cleanup deletes them' => 'fällig seit {first}; das Aufräumen löscht sie',
    'may go from {first} on, all by {last}; cleanup deletes them' => 'dürfen ab {first} weg, alle bis {last}; das Aufräumen löscht sie',
    'none' => 'keine',
    'until the upload is finished or has expired' => 'bis der Upload abgeschlossen oder abgelaufen ist',
    'unknown' => 'unbekannt',
    '{size} of what is free are kept for the results of jobs that wait.' => '{size} vom freien Platz sind für die Ergebnisse wartender Aufträge reserviert.',
    '{used} of {size} used, {free} free' => '{used} von {size} belegt, {free} frei',
];
