<?php
/**
 * @var list<CrowdSky\Uploads\Night> $nights the latest first
 * @var ?string $until the latest night wanted, YYYYMMDD
 * @var ?string $earlier where the earlier ones go on
 * @var bool $isLive
 * @var array<int, int> $stacks job id => stack id
 * @var CrowdSky\Pages\Nights\RawWords $raws
 * @var int $nOpen uploads whose subs wait to be stacked
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;

$date = static fn (string $night): string => substr($night, 0, 4) . '-' . substr($night, 4, 2) . '-' . substr($night, 6, 2);
$return = 'status.php' . ($until === null ? '' : "?until=$until");
?>
<h1><?= $t('My nights') ?></h1>
<?php if ($nOpen > 0) : ?>
<p class="note"><?= $t->count($nOpen, '{n} upload waits for you: <a href="upload.php">go on with it or have it stacked</a>.', '{n} uploads wait for you: <a href="upload.php">go on with them or have them stacked</a>.') ?></p>
<?php endif ?>
<?php if ($nights === [] && $until === null) : ?>
<div class="empty">
    <p><?= $t('Nothing of yours has been stacked yet.') ?></p>
    <p><a class="button" href="upload.php"><?= $t('Upload your first subs') ?></a> <a class="button second" href="status.php?view=uploads"><?= $t('My uploads') ?></a></p>
</div>
<?php else : ?>
<div class="nights-bar">
    <form method="get" action="status.php" class="inline">
        <label for="until"><?= $t('Up to the night of') ?></label>
        <input id="until" name="until" type="date" value="<?= $until === null ? '' : $e($date($until)) ?>">
        <button class="second"><?= $t('Show') ?></button>
    </form>
    <p><?= $until === null ? '' : '<a href="status.php">' . $t('Newest nights') . '</a>' ?> <a href="status.php?view=uploads"><?= $t('By upload') ?></a></p>
</div>
<div id="live"<?= $isLive ? ' data-live' : '' ?>>
<?php if ($nights === []) : ?>
<p class="empty"><?= $t('There is no night so early.') ?></p>
<?php endif ?>
<?php foreach ($nights as $night) : ?>
<section class="night" id="night-<?= $e($night->date) ?>">
    <h2><?= $t('Night of {date}', ['date' => $date($night->date)]) ?></h2>
<?php foreach ($night->byObject() as $object => $jobs) : ?>
<?php
    $subs = array_sum(array_map(static fn ($job): int => $job->frameCount, $jobs));
    $seconds = array_sum(array_map(static fn ($job): float => $job->frameCount * ($job->exposureSeconds ?? 0.0), $jobs));
?>
    <article class="card">
        <header><h3><?= $object === '' ? $t('Unnamed object') : $e($object) ?></h3>
            <span class="hint"><?= $t->count(count($jobs), '{n} chunk', '{n} chunks') ?> · <?= $t->count($subs, '{n} sub', '{n} subs') ?><?= $seconds > 0.0 ? ' · ' . $e(Figures::seconds($texts, $seconds)) : '' ?></span></header>
        <ul class="night-chunks">
<?php foreach ($jobs as $job) : ?>
<?= $partial('night_chunk', ['job' => $job, 'stackId' => $stacks[$job->id] ?? null, 'return' => $return]) ?>
<?php endforeach ?>
        </ul>
    </article>
<?php endforeach ?>
</section>
<?php endforeach ?>
</div>
<?= $isLive ? $partial('live', []) : '' ?>
<?php if ($earlier !== null) : ?>
<nav class="pager" aria-label="<?= $t('Nights') ?>"><a rel="next" href="status.php?until=<?= $e($earlier) ?>"><?= $t('Earlier nights') ?></a></nav>
<?php endif ?>
<?php endif ?>
