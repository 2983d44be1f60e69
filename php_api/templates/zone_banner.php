<?php
/**
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 */
if ($zoneless !== []) :
    $names = array_map(static fn (string $name): string => $name === '' ? $texts->say('A telescope') : $name, $zoneless);
    ?>
<p class="note waiting" id="zoneless"><?= $t('<strong>{names}</strong> writes local time into its subs and names no time zone. <a href="account.php#zones">Set its time zone</a> before its subs are stacked: without it their stacks have no times in UTC.', ['names' => implode(', ', $names)]) ?></p>
<?php endif ?>
