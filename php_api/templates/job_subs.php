<?php
/**
 * What became of each sub of a chunk.
 *
 * @var CrowdSky\Jobs\Job $job
 * @var ?CrowdSky\Pages\Nights\SubReportView $report null for a stack that does not say
 * @var array<array-key, string> $names the owner's names of the subs, by those in the stack
 * @var int $stackId
 * @var int $chunkMinutes
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Nights\ChunkTime;

?>
<p class="trail"><a href="status.php"><?= $t('My nights') ?></a> › <a href="job.php?id=<?= $e($job->id) ?>"><?= $t('Job {id}', ['id' => $job->id]) ?></a></p>
<h1><?= $t('Subs of {object}', ['object' => $job->objectName ?? $t('unnamed object')]) ?></h1>
<p><?= $e(ChunkTime::of($texts, $job, $chunkMinutes)) ?> · <a href="stack.php?id=<?= $e($stackId) ?>"><?= $t('See the stack') ?></a></p>
<?php if ($report === null || $report->subs === []) : ?>
<p class="empty"><?= $t('This stack does not say what became of its subs.') ?></p>
<?php else : ?>
<p><?= $t->count(count($report->subs), '{used} of {n} sub is in the stack.', '{used} of {n} subs are in the stack.', ['used' => $report->nUsed]) ?></p>
<div class="sub-plots">
<?php foreach ($report->plots() as $plot) : ?>
    <figure><figcaption><?= $e($plot['title']) ?>, <?= $e($plot['range']) ?></figcaption><?= $plot['plot'] ?></figure>
<?php endforeach ?>
</div>
<p class="hint"><?= $report->isOverTime ? $t('From left to right: time. Open circles: not used.') : $t('From left to right: the order of the subs. Open circles: not used.') ?></p>
<div class="scroll" role="region" aria-label="<?= $t('Subs') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('File') ?></th><th><?= $t('Taken') ?></th><th><?= $t('In the stack') ?></th><th class="number"><?= $t('FWHM') ?></th><th class="number"><?= $t('Ellipticity') ?></th><th class="number"><?= $t('Stars') ?></th><th class="number"><?= $t('Sky') ?></th><th class="number"><?= $t('Weight') ?></th></tr></thead>
    <tbody>
<?php foreach ($report->subs as $sub) : ?>
        <tr>
            <td class="long title" data-label="<?= $t('File') ?>"><?= $e($names[$sub->filename] ?? $sub->filename) ?></td>
            <td data-label="<?= $t('Taken') ?>"><?= $e($sub->dateObs === null ? Format::NONE : str_replace('T', ' ', substr($sub->dateObs, 0, 19))) ?></td>
            <td class="long" data-label="<?= $t('In the stack') ?>"><?= $sub->isUsed ? $t('yes') : $t('no') ?><?= $sub->reason === '' ? '' : ': ' . $e($texts->repeat($sub->reason)) ?></td>
            <td class="number" data-label="<?= $t('FWHM') ?>"><?= $e($sub->fwhm === null ? Format::NONE : $texts->number($sub->fwhm, 2)) ?></td>
            <td class="number" data-label="<?= $t('Ellipticity') ?>"><?= $e($sub->ellipticity === null ? Format::NONE : $texts->number($sub->ellipticity, 2)) ?></td>
            <td class="number" data-label="<?= $t('Stars') ?>"><?= $e($sub->stars === null ? Format::NONE : $texts->number($sub->stars)) ?></td>
            <td class="number" data-label="<?= $t('Sky') ?>"><?= $e($sub->sky === null ? Format::NONE : $texts->number($sub->sky, 1)) ?></td>
            <td class="number" data-label="<?= $t('Weight') ?>"><?= $e($sub->weight === null ? Format::NONE : $texts->number($sub->weight, 2)) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
