<?php
/**
 * What happened to a job, as operators read it.
 *
 * @var CrowdSky\Pages\Admin\JobTimeline $timeline
 * @var list<array{at: string, actor: string, event: string, detail: ?string}> $events oldest first
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Admin\JobTimeline;

$tries = $timeline->tries();
?>
<?php if ($tries !== []) : ?>
<ol class="tries">
<?php foreach ($tries as $try) : ?>
    <li>
        <p><strong><?= $e($try['title']) ?></strong> <span class="hint"><?= $e($try['facts']) ?></span></p>
<?php if ($try['stages'] === []) : ?>
        <p class="hint"><?= $t('How long its stages took was not recorded.') ?></p>
<?php else : ?>
        <svg class="try-bar" viewBox="0 0 <?= $e(JobTimeline::WIDTH) ?> 10" preserveAspectRatio="none" width="100%" height="14" aria-hidden="true">
<?php foreach ($try['stages'] as $stage) : ?>
            <rect class="stage-<?= $e($stage['kind']) ?>" x="<?= $e(round($stage['x'], 2)) ?>" y="0" width="<?= $e(round($stage['width'], 2)) ?>" height="10"/>
<?php endforeach ?>
        </svg>
        <ul class="stage-key">
<?php foreach ($try['stages'] as $stage) : ?>
            <li><svg width="12" height="12" viewBox="0 0 10 10" aria-hidden="true"><rect class="stage-<?= $e($stage['kind']) ?>" width="10" height="10"/></svg> <?= $e($stage['word']) ?> <b><?= $e($stage['length']) ?></b></li>
<?php endforeach ?>
        </ul>
<?php endif ?>
    </li>
<?php endforeach ?>
</ol>
<?php endif ?>
<div class="scroll" role="region" aria-label="<?= $t('What happened') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('When') ?></th><th><?= $t('Who') ?></th><th><?= $t('What') ?></th><th><?= $t('Detail') ?></th></tr></thead>
    <tbody>
<?php foreach ($timeline->events($events) as $event) : ?>
        <tr>
            <td data-label="<?= $t('When') ?>"><time datetime="<?= $e(Format::datetime($event['at'])) ?>"><?= $e($event['at']) ?> UTC</time><?= $event['after'] === '' ? '' : '<br><span class="hint">' . $e($event['after']) . '</span>' ?></td>
            <td data-label="<?= $t('Who') ?>"><?= $e($event['who']) ?></td>
            <td data-label="<?= $t('What') ?>"><?= $e($event['what']) ?></td>
            <td class="long" data-label="<?= $t('Detail') ?>"><?= $e($event['detail']) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<details class="raw-events">
    <summary><?= $t('As the site has recorded it') ?></summary>
    <div class="scroll" role="region" aria-label="<?= $t('As the site has recorded it') ?>" tabindex="0">
    <table class="stacked">
        <thead><tr><th><?= $t('When') ?></th><th><?= $t('Who') ?></th><th><?= $t('What') ?></th><th><?= $t('Detail') ?></th></tr></thead>
        <tbody>
<?php foreach ($events as $event) : ?>
            <tr>
                <td data-label="<?= $t('When') ?>"><code><?= $e($event['at']) ?></code></td>
                <td class="long" data-label="<?= $t('Who') ?>"><code><?= $e($event['actor']) ?></code></td>
                <td data-label="<?= $t('What') ?>"><code><?= $e($event['event']) ?></code></td>
                <td class="long" data-label="<?= $t('Detail') ?>"><code><?= $e($event['detail'] ?? Format::NONE) ?></code></td>
            </tr>
<?php endforeach ?>
        </tbody>
    </table>
    </div>
</details>
