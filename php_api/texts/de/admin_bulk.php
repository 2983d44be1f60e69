<?php

declare(strict_types=1);

return [
    'Cancel {n} job?' => '{n} Auftrag abbrechen?',
    'Cancel {n} jobs?' => '{n} Aufträge abbrechen?',
    'Do it' => 'Ausführen',
    'Give {n} job the priority {priority}?' => '{n} Auftrag den Vorrang {priority} geben?',
    'Give {n} jobs the priority {priority}?' => '{n} Aufträgen den Vorrang {priority} geben?',
    'Leave it' => 'Lassen',
    'Many at once' => 'Viele auf einmal',
    'Measure again' => 'Neu messen',
    'Measure {n} stack again?' => '{n} Stack neu messen?',
    'Measure {n} stacks again?' => '{n} Stacks neu messen?',
    'No stack is selected. Select some, or all that match.' => 'Kein Stack ist ausgewählt. Wähle einige aus, oder alle passenden.',
    'None of these jobs has a stack.' => 'Keiner dieser Aufträge hat einen Stack.',
    'Nothing was changed.' => 'Nichts wurde geändert.',
    'Progress' => 'Fortschritt',
    'Queue {n} job again?' => '{n} Auftrag wieder einreihen?',
    'Queue {n} jobs again?' => '{n} Aufträge wieder einreihen?',
    'Stop here' => 'Hier aufhören',
    'Stopped: {n} were not looked at.' => 'Aufgehört: {n} wurden nicht mehr angesehen.',
    'a worker is busy with them' => 'ein Worker arbeitet daran',
    'their last rescan has not ended yet' => 'ihre letzte Nachmessung ist noch nicht fertig',
    'their subs have been deleted' => 'ihre Subs sind gelöscht',
    'they are completed' => 'sie sind fertig',
    'they are finished, and a priority does not matter any more' => 'sie sind beendet, ihr Vorrang spielt keine Rolle mehr',
    '{count} of them stay as they are:' => '{count} davon bleiben, wie sie sind:',
    '{done} of {n}, {changed} changed' => '{done} von {n}, {changed} geändert',
    '{n} stack will be measured again.' => '{n} Stack wird neu messen.',
    '{n} stacks will be measured again.' => '{n} Stacks werden neu messen.',
    '{n} stay as they are, such as: {example}.' => '{n} bleiben, wie sie sind, etwa: {example}.',
];
