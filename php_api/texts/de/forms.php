<?php

declare(strict_types=1);

// What forms say about what was put in.
return [
    'Choose one of these.' => 'Wähle eines davon.',
    'Choose what the key may do: tick at least one box.' => 'Wähle, was der Schlüssel darf: Kreuze mindestens ein Feld an.',
    'There is a key of this name already. Choose another name, or revoke that key first.' => 'Es gibt schon einen Schlüssel mit diesem Namen. Wähle einen anderen oder widerrufe zuerst jenen.',
    'This must be a Julian date such as 2461000.5.' => 'Das muss ein Julianisches Datum sein, etwa 2461000.5.',
    'This must be a day such as 2027-12-31.' => 'Das muss ein Tag sein, etwa 2027-12-31.',
    'This must be a number of days, such as 0.5274.' => 'Das muss eine Zahl von Tagen sein, etwa 0.5274.',
    'This must be a number such as 2.5.' => 'Das muss eine Zahl sein, etwa 2.5.',
    'This must be a time zone such as Europe/Vienna.' => 'Das muss eine Zeitzone sein, etwa Europe/Vienna.',
    'This must be a whole number of hours.' => 'Das muss eine ganze Zahl von Stunden sein.',
    'This text is too long.' => 'Dieser Text ist zu lang.',
];
