<?php

declare(strict_types=1);

// Months, units, and the words of plots.
return [
    'Jan' => 'Jan.',
    'Feb' => 'Feb.',
    'Mar' => 'März',
    'Apr' => 'Apr.',
    'May' => 'Mai',
    'Jun' => 'Juni',
    'Jul' => 'Juli',
    'Aug' => 'Aug.',
    'Sep' => 'Sept.',
    'Oct' => 'Okt.',
    'Nov' => 'Nov.',
    'Dec' => 'Dez.',
    '{day} {month}' => '{day}. {month}',
    '{day} {month} {year}' => '{day}. {month} {year}',
    'bytes' => 'Byte',
    'E' => 'O',
    'Light curve in {band}' => 'Lichtkurve in {band}',
    'Phase plot in {band}' => 'Phasendiagramm in {band}',
    'phase, two cycles' => 'Phase, zwei Umläufe',
    'hollow: not yet calibrated' => 'hohl: noch nicht kalibriert',
    'faint: flagged' => 'blass: zweifelhaft',
    'error unknown' => 'Fehler unbekannt',
    'mean of {n}' => 'Mittel aus {n}',
    '{title}: {least} to {most} mag' => '{title}: {least} bis {most} mag',
    '{title}, folded' => '{title}, gefaltet',
    'Star {id} in {band}' => 'Stern {id} in {band}',
    '{n} point from BJD {first} to {last}, between {bright} and {faint} mag; brighter is higher. A table of the points follows.'
        => '{n} Punkt von BJD {first} bis {last}, zwischen {bright} und {faint} mag; heller ist höher. Eine Tabelle der Punkte folgt.',
    '{n} points from BJD {first} to {last}, between {bright} and {faint} mag; brighter is higher. A table of the points follows.'
        => '{n} Punkte von BJD {first} bis {last}, zwischen {bright} und {faint} mag; heller ist höher. Eine Tabelle der Punkte folgt.',
    'The plot shows {all} points as {n} means over short times; pale bars reach from the brightest to the faintest point of each. Downloads have all points.'
        => 'Das Diagramm zeigt {all} Punkte als {n} Mittel über kurze Zeiten; blasse Balken reichen je vom hellsten zum schwächsten Punkt. Downloads haben alle Punkte.',
    'The plot shows {all} points as {n} means over short phases; pale bars reach from the brightest to the faintest point of each.'
        => 'Das Diagramm zeigt {all} Punkte als {n} Mittel über kurze Phasen; blasse Balken reichen je vom hellsten zum schwächsten Punkt.',
    '{n} flagged point lies outside the plot; the table has it.' => '{n} zweifelhafter Punkt liegt außerhalb des Diagramms; er steht in der Tabelle.',
    '{n} flagged points lie outside the plot; the table has them.' => '{n} zweifelhafte Punkte liegen außerhalb des Diagramms; sie stehen in der Tabelle.',
    '{n} point folded with a period of {period} d; phase 0 is BJD {epoch}. It is drawn once in each cycle.'
        => '{n} Punkt, gefaltet mit einer Periode von {period} d; Phase 0 ist BJD {epoch}. Er steht in jedem Umlauf einmal.',
    '{n} points folded with a period of {period} d; phase 0 is BJD {epoch}. Each is drawn once in each cycle.'
        => '{n} Punkte, gefaltet mit einer Periode von {period} d; Phase 0 ist BJD {epoch}. Jeder steht in jedem Umlauf einmal.',
    '{brightness} or darker (camera offset not known)' => '{brightness} oder dunkler (Nullpunkt der Kamera unbekannt)',
    '{brightness}, Bortle class {class}' => '{brightness}, Bortle-Klasse {class}',
    'a telescope' => 'ein Teleskop',
    'a filter' => 'ein Filter',
];
