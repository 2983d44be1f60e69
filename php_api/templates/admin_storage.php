<?php
/**
 * @var ?int $free bytes; null where that is not known
 * @var ?int $size of the disk in bytes; null where that is not known
 * @var int $reserved bytes kept for the results of waiting jobs
 * @var string $forecast
 * @var bool $isSoon whether the disk will be full soon
 * @var array<string, array{n: int, bytes: int, first: ?string, last: ?string}> $raws by what they are kept for
 * @var list<array{name: string, bytes: int, quota: ?int}> $keepers
 * @var ?int $defaultQuota null for none
 * @var array<string, array{n: int, bytes: ?int}> $kinds
 * @var list<array{name: string, n: int, bytes: int}> $owners
 * @var list<array{name: ?string, n: int, bytes: int}> $telescopes
 * @var string $now stored form
 * @var bool $isRemote whether the archive lies on another disk than the data folder
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;
use CrowdSky\Fits\CardTable;
use CrowdSky\Pages\Figures;

$purposes = [
    'upload' => [$t('Uploaded, not yet in a job'), $t('until the upload is finished or has expired')],
    'queue' => [$t('A job waits or runs'), $t('as long as the job may still run')],
    'done' => [$t('Stacked'), null],
    'failed' => [$t('The job failed or was cancelled'), null],
];
$kindNames = [
    'stacks' => $t('Stacks'),
    'series' => $t('Series'),
    'calibrations' => $t('Calibrations'),
    'hats' => $t('Light curves (HATS)'),
    'pictures' => $t('Pictures of stacks'),
    'stars' => $t('Lists of stars'),
    'hips' => $t('Sky tiles (HiPS)'),
];
$used = $size === null || $free === null ? null : max(0, $size - $free);
?>
<h1><?= $t('Storage') ?></h1>
<h2><?= $t('Disk of the data folder') ?></h2>
<?php if ($used !== null && $size > 0) : ?>
<p class="disk"><meter min="0" max="<?= $e($size) ?>" high="<?= $e(0.9 * $size) ?>" value="<?= $e($used) ?>" aria-label="<?= $t('Used') ?>"></meter>
    <?= $t('{used} of {size} used, {free} free', ['used' => Figures::bytes($texts, $used), 'size' => Figures::bytes($texts, $size), 'free' => Figures::bytes($texts, $free)]) ?></p>
<?php else : ?>
<p><?= $t('How full the disk is cannot be found out on this host.') ?></p>
<?php endif ?>
<p<?= $isSoon ? ' class="problem"' : '' ?>><?= $e($forecast) ?></p>
<?php if ($reserved > 0) : ?>
<p class="hint"><?= $t('{size} of what is free are kept for the results of jobs that wait.', ['size' => Figures::bytes($texts, $reserved)]) ?></p>
<?php endif ?>
<?php if ($isRemote) : ?>
<p class="hint"><?= $t('The archive lies in a WebDAV share; how much room is left there is not known.') ?></p>
<?php endif ?>
<h2><?= $t('Subs kept') ?></h2>
<div class="scroll" role="region" aria-label="<?= $t('Subs kept') ?>" tabindex="0">
<table class="stacked storage">
    <thead><tr><th><?= $t('Why') ?></th><th><?= $t('Subs') ?></th><th><?= $t('Size') ?></th><th><?= $t('Until') ?></th></tr></thead>
    <tbody>
<?php foreach ($purposes as $name => [$words, $until]) : ?>
<?php $use = $raws[$name] ?>
        <tr>
            <td data-label="<?= $t('Why') ?>"><?= $words ?></td>
            <td data-label="<?= $t('Subs') ?>"><?= $e($t->number($use['n'])) ?></td>
            <td data-label="<?= $t('Size') ?>"><?= $e(Figures::bytes($texts, $use['bytes'])) ?></td>
            <td data-label="<?= $t('Until') ?>"><?php if ($until !== null) : ?><?= $until ?>
<?php elseif ($use['n'] === 0) : ?><?= $e(Format::NONE) ?>
<?php elseif ($use['first'] === null) : ?><?= $t('unknown') ?>
<?php elseif ($use['last'] <= $now) : ?><?= $t('due since {first}; cleanup deletes them', ['first' => $time($use['first'])]) ?>
<?php else : ?><?= $t('may go from {first} on, all by {last}; cleanup deletes them', ['first' => $time($use['first']), 'last' => $time($use['last'])]) ?>
<?php endif ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php if ($keepers !== []) : ?>
<h2><?= $t('Subs by owner') ?></h2>
<div class="scroll" role="region" aria-label="<?= $t('Subs by owner') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Owner') ?></th><th><?= $t('Size') ?></th><th><?= $t('Limit') ?></th><th><?= $t('Used') ?></th></tr></thead>
    <tbody>
<?php foreach ($keepers as $keeper) : ?>
<?php $quota = $keeper['quota'] ?? $defaultQuota ?>
        <tr>
            <td data-label="<?= $t('Owner') ?>"><?= $e($keeper['name']) ?></td>
            <td data-label="<?= $t('Size') ?>"><?= $e(Figures::bytes($texts, $keeper['bytes'])) ?></td>
            <td data-label="<?= $t('Limit') ?>"><?= $quota === null ? $t('none') : $e(Figures::bytes($texts, $quota)) ?></td>
            <td data-label="<?= $t('Used') ?>"><?php if ($quota === null || $quota === 0) : ?><?= $e(Format::NONE) ?>
<?php else : ?><meter min="0" max="<?= $e($quota) ?>" high="<?= $e(0.9 * $quota) ?>" value="<?= $e(min($keeper['bytes'], $quota)) ?>" aria-label="<?= $t('Used') ?>"></meter> <?= $e($t->number(100 * $keeper['bytes'] / $quota)) ?> %
<?php endif ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
<h2><?= $t('Archive') ?></h2>
<div class="sizes">
<div class="scroll" role="region" aria-label="<?= $t('Archive by kind') ?>" tabindex="0">
<table>
    <thead><tr><th><?= $t('Kind') ?></th><th><?= $t('Files') ?></th><th><?= $t('Size') ?></th></tr></thead>
    <tbody>
<?php foreach ($kindNames as $kind => $label) : ?>
        <tr><td><?= $label ?></td><td><?= $e($t->number($kinds[$kind]['n'])) ?></td>
            <td><?= $kinds[$kind]['bytes'] === null ? ($kinds[$kind]['n'] === 0 ? $e(Format::NONE) : $t('unknown')) : $e(Figures::bytes($texts, $kinds[$kind]['bytes'])) ?></td></tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<div class="scroll" role="region" aria-label="<?= $t('Stacks by owner') ?>" tabindex="0">
<table>
    <thead><tr><th><?= $t('Owner') ?></th><th><?= $t('Stacks') ?></th><th><?= $t('Size') ?></th></tr></thead>
    <tbody>
<?php foreach ($owners as $owner) : ?>
        <tr><td><?= $e($owner['name']) ?></td><td><?= $e($t->number($owner['n'])) ?></td><td><?= $e(Figures::bytes($texts, $owner['bytes'])) ?></td></tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<div class="scroll" role="region" aria-label="<?= $t('Stacks by telescope') ?>" tabindex="0">
<table>
    <thead><tr><th><?= $t('Telescope') ?></th><th><?= $t('Stacks') ?></th><th><?= $t('Size') ?></th></tr></thead>
    <tbody>
<?php foreach ($telescopes as $telescope) : ?>
        <tr><td><?= $telescope['name'] === null ? $e(Format::NONE) : (CardTable::get()->publicText('TELESCOP', $telescope['name']) === null ? $t('a telescope without a public name') : $e($telescope['name'])) ?></td>
            <td><?= $e($t->number($telescope['n'])) ?></td><td><?= $e(Figures::bytes($texts, $telescope['bytes'])) ?></td></tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
</div>
<p class="hint"><?= $t('Owners and telescopes with the most are listed, at most 50 of each.') ?></p>
