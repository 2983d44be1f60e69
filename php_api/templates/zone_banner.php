<?php
/**
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var Closure $e
 */
if ($zoneless !== []) : ?>
<p class="note waiting" id="zoneless"><strong><?= $e(implode(', ', array_map(fn (string $name): string => $name === '' ? 'A telescope' : $name, $zoneless))) ?></strong>
    writes local time into its subs and names no time zone. <a href="account.php#zones">Set its time zone</a> before its
    subs are stacked: without it their stacks have no times in UTC.</p>
<?php endif ?>
