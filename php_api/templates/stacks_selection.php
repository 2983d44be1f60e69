<?php
/**
 * What can be done with selected stacks.
 *
 * @var array<string, int> $limits
 * @var ?CrowdSky\Accounts\User $user
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\Figures;

?>
<?php if ($user === null) : ?>
<p class="hint"><?= $t('<a href="login.php">Log in</a> to download stacks, one by one or many at once.') ?></p>
<?php else : ?>
<div class="selection-bar" id="selection-bar">
    <input type="hidden" name="ids" value="">
    <p class="picked" id="picked" role="status"></p>
    <p class="all-match"><label><input type="checkbox" name="all" value="1"> <span id="all-label"><?= $t('All that match') ?></span></label></p>
    <p class="actions small">
        <button name="form" value="zip"><?= $t('Download as ZIP') ?></button>
        <button class="second" name="form" value="wget"><?= $t('List for wget') ?></button>
        <button class="second" name="form" value="aria2"><?= $t('List for aria2c') ?></button>
<?php if ($user->isAdmin()) : ?>
        <button class="second" name="step" value="rescan" formaction="admin_bulk.php"><?= $t('Measure again') ?></button>
<?php endif ?>
        <a class="button second" id="blink-two" href="blink.php" hidden><?= $t('Blink') ?></a>
        <button class="second" type="button" id="clear" hidden><?= $t('Clear') ?></button>
    </p>
</div>
<details class="download-help">
        <summary><?= $t('Limits, and how to use a list') ?></summary>
        <p><?= $t('One ZIP file holds up to {n} stacks and {bytes}, with a manifest and SHA256SUMS; {at_once} downloads can run at a time. For more, and to resume a broken download, take a list.', [
            'n' => $limits['stacks'],
            'bytes' => Figures::bytes($texts, $limits['bytes']),
            'at_once' => $limits['at_once'],
        ]) ?></p>
        <p><?= $t('A list holds no secret. Create a key on <a href="account.php#keys">your account</a>, write it into a file that only you can read, and let the program send it:') ?></p>
        <pre tabindex="0"><code>(umask 077; echo 'header = Authorization: Bearer csk_…' &gt; crowdsky.wgetrc)
WGETRC=crowdsky.wgetrc wget --continue --input-file=crowdsky-stacks.txt

(umask 077; echo 'header=Authorization: Bearer csk_…' &gt; crowdsky.aria2.conf)
aria2c --conf-path=crowdsky.aria2.conf --continue --input-file=crowdsky-stacks.aria2.txt</code></pre>
</details>
<?php endif ?>
