<?php
/**
 * @var list<string> $warnings what an admin has to put right at once, without a full stop
 * @var Closure $e
 * @var CrowdSky\Pages\Texts $texts
 */
?>
<?php foreach ($warnings as $warning) : ?>
<p class="problem" role="alert"><?= $e(ucfirst($texts->repeat($warning))) ?>.</p>
<?php endforeach ?>
