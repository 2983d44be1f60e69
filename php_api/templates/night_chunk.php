<?php
/**
 * A chunk in the list of its night.
 *
 * @var CrowdSky\Jobs\Job $job
 * @var ?int $stackId
 * @var CrowdSky\Pages\Nights\RawWords $raws
 * @var int $chunkMinutes
 * @var string $return  page to come back to
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\ChunkTime;
use CrowdSky\Pages\Nights\JobWords;

$facts = [JobWords::material($texts, $job), $job->exposureSeconds === null ? null : Figures::seconds($texts, $job->exposureSeconds), $job->filterName, $job->telescope];
?>
<li>
    <p><a href="job.php?id=<?= $e($job->id) ?>"><?= $e(ChunkTime::of($texts, $job, $chunkMinutes)) ?></a> <?= $partial('job_state', ['job' => $job]) ?>
        <span class="facts"><?= implode(' · ', array_map($e, array_filter($facts, static fn (?string $fact): bool => $fact !== null))) ?></span></p>
<?= $partial('job_progress', ['job' => $job]) ?>
    <p class="hint"><?= $e($raws->of($texts, $job)) ?></p>
    <div class="chunk-actions">
<?php if ($stackId !== null) : ?>
        <a class="button" href="stack.php?id=<?= $e($stackId) ?>"><?= $t('See the stack') ?></a>
<?php if ($job->kind === CrowdSky\Jobs\JobKind::Stack) : ?>
        <a class="button second" href="job.php?id=<?= $e($job->id) ?>&amp;view=subs"><?= $t('How each sub did') ?></a>
<?php endif ?>
<?php endif ?>
<?= $partial('job_actions', ['job' => $job, 'return' => $return]) ?>
    </div>
</li>
